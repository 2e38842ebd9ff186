using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Items;

/// <summary>Tools that are kept while the frame they came in is let go.</summary>
public sealed class DetachTests
{
    private const string Tools = """
        [{"type":"function","name":"add","parameters":{"type":"object"}},{"type":"web_search"},{"type":"custom","name":"patch"},
        {"type":"namespace","name":"group","tools":[{"type":"function","name":"inner","parameters":{"type":"object"}}]}]
        """;

    private static readonly string Filling = new('x', 4096);

    [Fact]
    public void Tools_ReadTheSame_AndAreSlicesOfTheirOwnText_OnceDetached()
    {
        var tools = Samples.Socket($$"""{"type":"response.create","instructions":"{{Filling}}","input":"x","tools":{{Tools}}}""").Tools!;
        var detached = tools.Detach();
        Assert.Equivalent(tools, detached, strict: true);
        Assert.False(tools.Json.Utf8.Span.Overlaps(detached.Json.Utf8.Span));
        AreWithin(detached.Json, detached);
    }

    [Fact]
    public void ToolsOfAnItem_ReadTheSame_AndAreSlicesOfTheItem_OnceDetached()
    {
        var json = $$"""{"type":"response.create","instructions":"{{Filling}}","input":[{"type":"additional_tools","tools":{{Tools}}}]}""";
        var item = Samples.Socket(json).Input[0];
        var detached = Assert.IsType<AdditionalToolsItem>(item.Detach());
        Assert.NotSame(item, detached);
        Assert.Equivalent(item, detached, strict: true);
        Assert.False(item.Json.Utf8.Span.Overlaps(detached.Json.Utf8.Span));
        Assert.True(detached.Json.Utf8.Span.Overlaps(detached.Tools.Json.Utf8.Span));
        AreWithin(detached.Json, detached.Tools);
    }

    [Fact]
    public void Tools_StayAsTheyAre_WhereTheyFillTheirFrame()
    {
        var tools = Samples.Socket($$"""{"type":"response.create","input":"x","tools":{{Tools}}}""").Tools!;
        Assert.Same(tools, tools.Detach());
    }

    private static void AreWithin(RawJson whole, ToolList tools)
    {
        var group = Assert.IsType<Tool.Namespace>(tools.Tools[^1]);
        Assert.All([.. tools.Tools, .. group.Tools], tool => Assert.True(whole.Utf8.Span.Overlaps(tool.Json.Utf8.Span), tool.Type));
        var functions = tools.Tools.Concat(group.Tools).OfType<Tool.Function>().ToList();
        Assert.Equal(2, functions.Count);
        Assert.All(functions, function => Assert.True(whole.Utf8.Span.Overlaps(function.Parameters.Utf8.Span), function.Name));
    }
}
