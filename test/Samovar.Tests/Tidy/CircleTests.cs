namespace Samovar.Tests.Tidy;

/// <summary>Holds that files use each other in one direction: each can be read, tested and moved without those above it.</summary>
public sealed class CircleTests
{
    /// <summary>Circles that are still to be opened. Nothing is added here; what is opened leaves the list.</summary>
    private static readonly string[][] StillClosed =
    [
        In("src/Samovar.Protocol/Items", "ContentReader", "Item", "ItemDraft", "ItemKind", "ItemReader"),
        In("src/Samovar.Protocol/Requests", "CreateRequest", "SessionHints", "TraceContext"),
        In("src/Samovar/Turns", "EventLog", "KeptEvents", "LogReader", "LogReaders"),
        In("src/Samovar.Protocol/Json", "FieldTable", "JsonCursor"),
        In("src/Samovar.Protocol/Items", "Tool", "ToolReader"),
        In("src/Samovar.Protocol/Chat", "ChatCallReader", "ChatMessageReader"),
        In("src/Samovar.Protocol/Responses", "ResponseReader", "UsageReader"),
    ];

    [Fact]
    public void Files_FormNoCircle()
    {
        var found = TypeGraph.Sources.Circles().Select(Names).Where(circle => !StillClosed.Any(known => circle.IsSubsetOf(known)))
            .Select(circle => $"{circle.Count} files form a circle: {string.Join(", ", circle)}").ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void Circle_LeavesTheList_WhenItIsOpened()
    {
        var found = TypeGraph.Sources.Circles().Select(Names).ToList();
        var opened = StillClosed.Where(known => !found.Any(circle => circle.IsSubsetOf(known))).Select(known => string.Join(", ", known));
        Assert.Empty(opened);
    }

    [Fact]
    public void TypeGraph_FindsACircle_AcrossNamespaces()
    {
        var one = File("One.cs", "using Lab.Low;", "namespace Lab;", "internal sealed class One { Two? Other; }");
        var two = File("Two.cs", "namespace Lab.Low;", "internal sealed record Two(Low.Three Other);");
        var three = File("Three.cs", "namespace Lab.Low;", "internal delegate One Three(int count);");
        var circle = Assert.Single(TypeGraph.Of(one, two, three).Circles());
        Assert.Equal(["One.cs", "Three.cs", "Two.cs"], Names(circle));
    }

    [Fact]
    public void TypeGraph_SeesNoUse_InTextAndComments_OrOutOfSight()
    {
        var one = File("One.cs", "namespace Lab;", "/// <see cref=\"Two\"/>", "class One { string Name = \"Two // \\\" Two\"; } // Two");
        var two = File(
            "Two.cs", "namespace Lab.Low;", "class Two { char Mark = '\"'; One? Other; string Text = \"\"\"", "Three", "\"\"\"; }");
        var three = File("Three.cs", "namespace Other;", "class Three { Two? Unseen; object Member = X.One; }");
        var uses = TypeGraph.Of(one, two, three).Uses;
        Assert.Empty(uses[one]);
        Assert.Equal([one], uses[two]);
        Assert.Empty(uses[three]);
    }

    private static string[] In(string folder, params string[] files) => [.. files.Select(file => $"{folder}/{file}.cs")];

    private static SourceFile File(string name, params string[] lines) => new(name, name) { Lines = lines };

    private static SortedSet<string> Names(IEnumerable<SourceFile> circle) =>
        new(circle.Select(file => file.Name), StringComparer.Ordinal);
}
