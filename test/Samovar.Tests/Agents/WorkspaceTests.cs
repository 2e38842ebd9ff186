using System.Text;
using Samovar.Cli.Agents;
using Samovar.Testing;

namespace Samovar.Tests.Agents;

public sealed class WorkspaceTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("samovar-workspace-").FullName;
    private readonly Workspace _workspace;

    public WorkspaceTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "inside", "src"));
        File.WriteAllText(Path.Combine(_root, "secret.txt"), "secret");
        File.WriteAllText(Path.Combine(_root, "inside", "notes.txt"), "port: 80\nhost: a\n");
        File.WriteAllText(Path.Combine(_root, "inside", "src", "main.py"), "x = 1\n  port = 2\n");
        _workspace = new Workspace(Path.Combine(_root, "inside"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void List_NamesFilesAndMarksFolders() => Assert.Equal("notes.txt\nsrc/", _workspace.List(""));

    [Fact]
    public void Read_ReturnsTheTextWithoutItsLastNewline() => Assert.Equal("port: 80\nhost: a", _workspace.Read("notes.txt"));

    [Fact]
    public void LongText_IsCutBetweenItsLetters()
    {
        foreach (var text in (string[])["a" + Smiles(9000), Smiles(9000), "a" + Smiles(9000) + "a", Smiles(9000) + "a"])
        {
            File.WriteAllText(Path.Combine(_root, "inside", "smiles.txt"), text);
            var read = _workspace.Read("smiles.txt");
            Assert.InRange(read.Length, 16_000, 17_000);
            Assert.Equal(read, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(read))); // which half a letter would not survive
        }
    }

    private static string Smiles(int count) => string.Concat(Enumerable.Repeat("😀", count));

    [Fact]
    public void Search_NamesPathLineAndText() => Assert.Equal("notes.txt:1: port: 80\nsrc/main.py:2: port = 2", _workspace.Search("port"));

    [Fact]
    public void Edit_ReplacesTheFirstExactMatchOnly()
    {
        Assert.Equal("edited notes.txt", _workspace.Edit("notes.txt", "port: 80", "port: 81"));
        Assert.Equal("port: 81\nhost: a\n", File.ReadAllText(Path.Combine(_root, "inside", "notes.txt")));
    }

    [Fact]
    public void Edit_LeavesAllOtherBytesAsTheyAre()
    {
        var file = Path.Combine(_root, "inside", "old.txt");
        byte[] mark = [0xEF, 0xBB, 0xBF], cafe = [(byte)'c', (byte)'a', (byte)'f', 0xE9]; // in Latin-1
        File.WriteAllBytes(file, [.. mark, .. cafe, .. "\r\nport: 80\r\n"u8, .. cafe]);
        Assert.Equal("edited old.txt", _workspace.Edit("old.txt", "port: 80", "Grüße: 81"));
        byte[] expected = [.. mark, .. cafe, .. "\r\nGrüße: 81\r\n"u8, .. cafe];
        Assert.Equal(expected, File.ReadAllBytes(file));
        var asRead = _workspace.Read("old.txt").Split("\r\n")[0];
        Assert.Contains("not UTF-8", _workspace.Edit("old.txt", asRead, "tea"), StringComparison.Ordinal);
        Assert.Equal(expected, File.ReadAllBytes(file));
        Assert.Equal("edited old.txt", _workspace.Edit("old.txt", "\r\nGrüße: 81\r\n", ""));
        Assert.Equal([.. mark, .. cafe, .. cafe], File.ReadAllBytes(file));
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-32", true)]
    [InlineData("utf-16", false)]
    public void Edit_RefusesWideText_AndLeavesIt(string encoding, bool isMarked)
    {
        var (file, words) = (Path.Combine(_root, "inside", "wide.txt"), Encoding.GetEncoding(encoding));
        byte[] bytes = [.. isMarked ? words.GetPreamble() : [], .. words.GetBytes("x = 1")];
        File.WriteAllBytes(file, bytes);
        Assert.Contains("UTF-16", _workspace.Edit("wide.txt", "x", "y"), StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void Edit_ChangesNothing_WhenTheTextIsNotThere()
    {
        Assert.StartsWith("error:", _workspace.Edit("notes.txt", "port: 99", "x"), StringComparison.Ordinal);
        Assert.Equal("port: 80\nhost: a\n", File.ReadAllText(Path.Combine(_root, "inside", "notes.txt")));
    }

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("src/../../secret.txt")]
    [InlineData("link/secret.txt")]
    [InlineData("link-to-file")]
    public void Paths_ThatLeaveTheFolder_AreRefused(string path)
    {
        Directory.CreateSymbolicLink(Path.Combine(_root, "inside", "link"), _root);
        File.CreateSymbolicLink(Path.Combine(_root, "inside", "link-to-file"), Path.Combine(_root, "secret.txt"));
        Assert.Throws<UnauthorizedAccessException>(() => _workspace.Read(path));
        Assert.Throws<UnauthorizedAccessException>(() => _workspace.Edit(path, "secret", "x"));
        Assert.DoesNotContain("secret", _workspace.Search("secret"), StringComparison.Ordinal);
    }

    [Fact]
    public void Edit_WritesThroughNoPlantedLink_AndKeepsTheFilesMode()
    {
        var (notes, secret) = (Path.Combine(_root, "inside", "notes.txt"), Path.Combine(_root, "secret.txt"));
        File.CreateSymbolicLink(notes + ".samovar-new", secret);
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
            | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(notes, mode);
        Assert.Equal("edited notes.txt", _workspace.Edit("notes.txt", "port: 80", "port: 81"));
        Assert.Equal("secret", File.ReadAllText(secret));
        Assert.Equal("port: 81\nhost: a\n", File.ReadAllText(notes));
        Assert.Null(new FileInfo(notes).LinkTarget);
        if (!OperatingSystem.IsWindows()) Assert.Equal(mode, File.GetUnixFileMode(notes));
        Assert.Equal(3, Directory.GetFileSystemEntries(Path.Combine(_root, "inside")).Length); // the link, the file, src
    }

    [Fact]
    public void LinksInACircle_AreRefused()
    {
        File.CreateSymbolicLink(Path.Combine(_root, "inside", "a"), "b");
        File.CreateSymbolicLink(Path.Combine(_root, "inside", "b"), "a");
        Assert.Throws<UnauthorizedAccessException>(() => _workspace.Read("a"));
    }

    /// <summary>Each link leads through the one before it twice.</summary>
    [Fact]
    public async Task LinksThatLeadThroughLinks_AreRefused_AtOnce()
    {
        File.CreateSymbolicLink(Path.Combine(_root, "inside", "l0"), ".");
        for (var link = 1; link < 40; link++)
            File.CreateSymbolicLink(Path.Combine(_root, "inside", $"l{link}"), $"l{link - 1}/l{link - 1}");
        Assert.Equal("port: 80\nhost: a", _workspace.Read("l3/notes.txt"));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Soon.In(Task.Run(() => _workspace.Read("l39/notes.txt"))));
    }

    [Fact]
    public async Task Pipe_IsNeverOpened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "has no pipes in folders");
        await RunAsync("mkfifo", Path.Combine(_root, "inside", "pipe"));
        Assert.Equal("(empty)", await Soon.In(Task.Run(() => _workspace.Read("pipe"))));
        Assert.StartsWith("error: ", await Soon.In(Task.Run(() => _workspace.Edit("pipe", "a", "b"))), StringComparison.Ordinal);
        Assert.StartsWith("notes.txt:1:", await Soon.In(Task.Run(() => _workspace.Search("port"))), StringComparison.Ordinal);
        var devices = new Workspace("/dev");
        Assert.Equal("(empty)", await Soon.In(Task.Run(() => devices.Read("zero"))));
    }

    /// <summary>Whatever it is that nobody may read, or that is too deep to be named.</summary>
    [Fact]
    public async Task Search_PassesOver_WhatCannotBeRead()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "knows no such modes");
        var locked = Path.Combine(_root, "inside", "locked");
        Directory.CreateDirectory(Path.Combine(locked, "inner"));
        await File.WriteAllTextAsync(Path.Combine(_root, "inside", "locked.txt"), "nothing", TestContext.Current.CancellationToken);
        var name = new string('d', 250);
        await RunAsync(
            "sh", "-c", $"cd '{_root}/inside'; n=18; while [ $n -gt 0 ] && mkdir {name} && cd {name} 2>/dev/null; do n=$((n - 1)); done");
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(locked, UnixFileMode.None);
                File.SetUnixFileMode(locked + ".txt", UnixFileMode.None);
            }
            Assert.Equal("notes.txt:1: port: 80\nsrc/main.py:2: port = 2", _workspace.Search("port"));
        }
        finally
        {
            await RunAsync("chmod", "700", locked);
            await RunAsync("rm", "-rf", Path.Combine(_root, "inside", name));
        }
    }

    [Fact]
    public void RootOfTheDisk_IsAFolderAsOthers()
    {
        var disk = new Workspace(Path.GetPathRoot(_root)!);
        Assert.Equal("port: 80\nhost: a", disk.Read(Path.Combine(_root, "inside", "notes.txt")));
        Assert.NotEqual("(empty)", disk.List(""));
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync(Soon.Token);
    }

    [Fact]
    public void AbsolutePath_IsReadAsOneOfTheFolder() => Assert.StartsWith("error: no such file", _workspace.Read(Path.Combine(_root,
        "secret.txt")), StringComparison.Ordinal);
}
