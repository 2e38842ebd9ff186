using Samovar.Cli.Commands;
using Samovar.Engine;
using Samovar.Server.Hosting;

namespace Samovar.Tests.Hosting;

/// <summary>A server's first screen.</summary>
public sealed class ReadyNoteTests
{
    [Fact]
    public void Note_SaysWhereToWatch_WhereThereIsAPage()
    {
        Assert.Contains("\nkeeping stored responses in memory\nwatch it at http://127.0.0.1:8080/\n\nCodex", Note(hasPage: true),
            StringComparison.Ordinal);
        var without = Note(hasPage: true).Replace("\nwatch it at http://127.0.0.1:8080/", "", StringComparison.Ordinal);
        Assert.Equal(without, Note(hasPage: false));
    }

    [Fact]
    public void Note_SaysWhereKvStateIsKept_AndWhatChangesThat()
    {
        var data = Path.TrimEndingDirectorySeparator(Path.GetTempPath());
        var own = new EngineOptions { ModelPath = "m.gguf", DiskPath = Path.Combine(data, "state"), DiskBytesMax = 1_000_000 };
        var named = StateNote.Of(own, data)!;
        Assert.Equal(
            $"keeping their KV state in {data}/state, 1,000,000 bytes at most (change it with Engine:DiskBytesMax; 0: none)", named);
        var usual = StateNote.Of(new EngineOptions(), data);
        Assert.StartsWith($"keeping their KV state in {data}/state, an eighth of the free disk", usual, StringComparison.Ordinal);
        Assert.Null(StateNote.Of(new EngineOptions { DiskBytesMax = 0 }, data));
        Assert.Contains($"\nkeeping stored responses in memory\n{named}\n", Note(hasPage: true, named),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Note_SaysThatKvStateCannotBeKept_WhereItsFolderCannotBeMade()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.Equal($"their KV state CANNOT be kept in {file}/state: {file} is a file; after a restart they are computed again",
                StateNote.Of(new EngineOptions(), file));
        }
        finally { File.Delete(file); }
    }

    private static string Note(bool hasPage, string? state = null)
    {
        var output = new StringWriter { NewLine = "\n" };
        ReadyNote.Write(
            output, "http://127.0.0.1:8080", ["m"], isFound: false, store: "keeping stored responses in memory", hasPage, state);
        return output.ToString();
    }
}
