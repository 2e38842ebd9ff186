using Samovar.Cli.Commands;

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

    private static string Note(bool hasPage)
    {
        var output = new StringWriter { NewLine = "\n" };
        ReadyNote.Write(output, "http://127.0.0.1:8080", ["m"], isFound: false, store: "in memory", hasPage);
        return output.ToString();
    }
}
