namespace Samovar.Tests.Tidy;

/// <summary>Holds that files use each other in one direction: each can be read, tested and moved without those above it.</summary>
public sealed class CircleTests
{
    [Fact]
    public void Files_FormNoCircle()
    {
        var found = TypeGraph.Sources.Circles().Select(Names)
            .Select(circle => $"{circle.Count} files form a circle: {string.Join(", ", circle)}").ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
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

    private static SourceFile File(string name, params string[] lines) => new(name, name) { Lines = lines };

    private static SortedSet<string> Names(IEnumerable<SourceFile> circle) =>
        new(circle.Select(file => file.Name), StringComparer.Ordinal);
}
