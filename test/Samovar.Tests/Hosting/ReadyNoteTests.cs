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
        var named = StateNote.Of(new EngineOptions { ModelPath = "m.gguf", DiskPath = "/data/state", DiskBytesMax = 1_000_000 }, "/data")!;
        Assert.Equal("in /data/state, 1,000,000 bytes at most (change it with Engine:DiskBytesMax; 0: none)", named);
        var usual = StateNote.Of(new EngineOptions(), "/data");
        Assert.StartsWith("in /data/state, an eighth of the free disk", usual, StringComparison.Ordinal);
        Assert.Null(StateNote.Of(new EngineOptions { DiskBytesMax = 0 }, "/data"));
        Assert.Contains($"\nkeeping stored responses in memory\nkeeping their KV state {named}\n", Note(hasPage: true, named),
            StringComparison.Ordinal);
    }

    private static string Note(bool hasPage, string? state = null)
    {
        var output = new StringWriter { NewLine = "\n" };
        ReadyNote.Write(output, "http://127.0.0.1:8080", ["m"], isFound: false, store: "in memory", hasPage, state);
        return output.ToString();
    }
}
