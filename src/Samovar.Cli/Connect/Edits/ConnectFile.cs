using System.Security.Cryptography;
using System.Text;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>
/// A file of an agent, read whole and replaced whole. What it was before stands beside it, under a name that says what was written then:
/// <c>config.toml.before-samovar-DIGEST</c>, or <c>….none-before-samovar-DIGEST</c> where there was none.
/// </summary>
internal sealed class ConnectFile
{
    private const int BytesMax = 4 << 20, DigestLetters = 16;
    private const string Was = ".before-samovar-", WasNot = ".none-before-samovar-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly bool _hasMark, _wasConnected;

    private ConnectFile(string path, string target, string text, bool exists, bool hasMark)
    {
        (Path, Target, Text, Exists, _hasMark) = (path, target, text, exists, hasMark);
        Before = FindBefore(target);
        _wasConnected = Before is not null;
    }

    public string Path { get; }

    /// <summary>Where it lies, behind the links that lead there.</summary>
    public string Target { get; }
    public string Text { get; }
    public bool Exists { get; }

    /// <summary>What it was before the first connecting; null where it was not connected.</summary>
    public (string Path, string Text, bool Existed, string Digest)? Before { get; private set; }

    /// <exception cref="UsageException">It cannot be read, or is nothing that can be edited.</exception>
    public static ConnectFile Read(string path)
    {
        try
        {
            var isLink = new FileInfo(path).LinkTarget is not null;
            var target = isLink ? File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName : path;
            if (Directory.Exists(target)) throw new UsageException($"{path} is a folder, not a file.");
            var exists = File.Exists(target);
            var (text, hasMark) = exists ? ReadText(target) : ("", false);
            return new ConnectFile(path, target, text, exists, hasMark);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {fault.Message}");
        }
    }

    private static (string, bool) ReadText(string target)
    {
        if (new FileInfo(target).Length > BytesMax) throw new UsageException($"{target} has more than {BytesMax} bytes.");
        var bytes = File.ReadAllBytes(target);
        var hasMark = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble);
        try { return (Strict.GetString(bytes.AsSpan(hasMark ? Encoding.UTF8.Preamble.Length : 0)), hasMark); }
        catch (DecoderFallbackException) { throw new UsageException($"{target} is no UTF-8."); }
    }

    private static (string, string, bool, string)? FindBefore(string target)
    {
        var (folder, name) = (System.IO.Path.GetDirectoryName(target)!, System.IO.Path.GetFileName(target));
        if (!Directory.Exists(folder)) return null;
        foreach (var kind in (string[])[Was, WasNot])
            foreach (var found in Directory.EnumerateFiles(folder, name + kind + "*").Order(StringComparer.Ordinal))
                return (found, ReadText(found).Item1, kind == Was, found[(found.LastIndexOf('-') + 1)..]);
        return null;
    }

    /// <summary>Whether it is just what was written when it was connected.</summary>
    public bool IsUntouched => Before is { } before && Exists && DigestOf(Text) == before.Digest;

    /// <exception cref="UsageException">It may not be written.</exception>
    public void CheckWritable()
    {
        if (Exists && new FileInfo(Target).IsReadOnly) throw new UsageException($"{Path} is read-only: nothing was changed.");
    }

    /// <summary>Keeps what there was, then replaces it.</summary>
    /// <param name="isSecret">Whether nobody else may read it.</param>
    /// <exception cref="UsageException">It cannot be written; it is as it was.</exception>
    public void Write(string text, bool isSecret)
    {
        try
        {
            var folder = System.IO.Path.GetDirectoryName(Target)!;
            if (!Directory.Exists(folder)) MakeFolder(folder);
            Keep(text);
            Replace(text, isSecret);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{Path} cannot be written: {fault.Message}");
        }
    }

    /// <summary>Makes it what it was when it was read: another file of the same agent could not be written.</summary>
    public void TakeBack()
    {
        if (Exists) Replace(Text, isSecret: false);
        else File.Delete(Target);
        if (!_wasConnected && Before is { } before) File.Delete(before.Path);
    }

    private void Keep(string text)
    {
        var kind = Before?.Existed ?? Exists ? Was : WasNot;
        var path = Target + kind + DigestOf(text);
        if (Before is null) WriteNew(path, Exists ? File.ReadAllBytes(Target) : []);
        else if (Before.Value.Path != path) File.Move(Before.Value.Path, path, overwrite: true);
        Before = (path, Before?.Text ?? Text, kind == Was, DigestOf(text));
    }

    private void Replace(string text, bool isSecret)
    {
        var bytes = Strict.GetBytes(text);
        Replace(_hasMark ? [.. Encoding.UTF8.Preamble, .. bytes] : bytes, isSecret);
    }

    private void Replace(byte[] bytes, bool isSecret)
    {
        var part = Target + ".samovar-part";
        File.Delete(part);
        WriteNew(part, bytes);
        if (!OperatingSystem.IsWindows() && Exists && !isSecret) File.SetUnixFileMode(part, File.GetUnixFileMode(Target));
        File.Move(part, Target, overwrite: true);
    }

    /// <summary>Makes it what it was, or <paramref name="text"/>, and forgets what it was.</summary>
    /// <param name="text">Null: the file as it was.</param>
    /// <param name="isGone">Whether it goes, for there was none and nothing is left in it.</param>
    /// <exception cref="UsageException">It cannot be written; it is as it was.</exception>
    public void Restore(string? text, bool isGone)
    {
        var before = Before!.Value;
        try
        {
            if (isGone) File.Delete(Target);
            else if (text is not null) Replace(text, isSecret: false);
            else Replace(File.ReadAllBytes(before.Path), isSecret: false);
            File.Delete(before.Path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{Path} cannot be written: {fault.Message}");
        }
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerFolder);
    }

    private static void WriteNew(string path, byte[] bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    private static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Strict.GetBytes(text)))[..DigestLetters];
}
