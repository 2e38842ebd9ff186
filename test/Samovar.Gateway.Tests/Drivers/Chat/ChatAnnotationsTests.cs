using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>Pages of the web that the text of a chat completion rests on come to clients as annotations, each once.</summary>
public sealed class ChatAnnotationsTests
{
    private const string One = """{"type":"url_citation","url_citation":{"end_index":5,"start_index":2,"title":"T","url":"https://x"}}""";
    private const string Two = """{"type":"url_citation","url_citation":{"url":"https://y","content":"found"}}""";
    private const string OneAs = """{"type":"url_citation","start_index":2,"end_index":5,"url":"https://x","title":"T"}""";
    private const string TwoAs =
        """{"type":"url_citation","start_index":0,"end_index":0,"url":"https://y","title":"","content":"found"}""";

    [Fact]
    public Task DeltasWithThemAlone_AreTaken() => Check($"Hello there [{OneAs},{TwoAs}]", Delta("""{"content":"Hello"}"""),
        Delta($$"""{"annotations":[{{One}}]}"""), Delta("""{"content":" there"}"""), Delta($$"""{"annotations":[{{Two}}]}"""), End("stop"));

    [Fact]
    public Task DeltaInFrontOfTheText_BelongsToIt() => Check($"Hello [{OneAs}]", Delta($$"""{"annotations":[{{One}}]}"""),
        Delta("""{"reasoning":"hm"}"""), Delta("""{"content":"Hello"}"""), End("stop"));

    [Fact]
    public Task Repeated_TheyAreToldOnce() => Check($"Hello [{OneAs},{TwoAs}]", Delta($$"""{"content":"He","annotations":[{{One}}]}"""),
        Delta($$"""{"content":"llo","annotations":[{{One}},{{Two}}]}"""),
        """{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello","annotations":[""" + One + "," + Two
            + """]},"finish_reason":"stop"}]}""");

    [Fact]
    public Task WholeMessage_HasThem() => Check($"Hello [{OneAs}]",
        """{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello","annotations":[""" + One
            + """]},"finish_reason":"stop"}]}""");

    [Fact]
    public Task MessagesThatGrow_TellNewOnesOnly() => Check($"Hello [{OneAs},{TwoAs}]",
        """{"choices":[{"index":0,"message":{"role":"assistant","content":"He","annotations":[""" + One + "]}}]}",
        """{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello","annotations":[""" + One + "," + Two
            + """]},"finish_reason":"stop"}]}""");

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("[7,null,\"x\",[]]")]
    [InlineData("""[{"type":"file","file":{"hash":"h"}}]""")]
    [InlineData("""[{"type":"url_citation"}]""")]
    [InlineData("""[{"type":"url_citation","url_citation":{"url":7}}]""")]
    public Task WhatIsNoPage_IsPassedOver(string annotations) => Check("Hello []",
        Delta($$"""{"content":"Hello","annotations":{{annotations}}}"""), End("stop"));

    [Theory]
    [InlineData("""{"type":"url_citation","start_index":2,"end_index":5,"url":"https://x","title":"T"}""")]
    [InlineData("""{"url":"https://x","title":"T","end_index":5,"start_index":2}""")]
    public Task FlatOnes_AreTaken(string annotation) => Check($"Hello [{OneAs}]",
        Delta($$"""{"content":"Hello","annotations":[{{annotation}}]}"""), End("stop"));

    [Fact]
    public Task InsideACharacterThatIsCutInTwo_TheyLeaveItWhole() => Check($"a\ud83d\ude00 [{OneAs}]",
        Delta("""{"content":"a\ud83d"}"""), Delta($$"""{"annotations":[{{One}}]}"""), Delta("""{"content":"\ude00"}"""), End("stop"));

    [Fact]
    public Task BehindACall_TheyBeginNoMessage() => Check("Hello []|look", Delta("""{"content":"Hello"}"""),
        Delta("""{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{\"q\""}}]}"""),
        Delta($$"""{"annotations":[{{One}}]}"""),
        Delta("""{"tool_calls":[{"index":0,"function":{"arguments":":\"x\"}"}}]}"""), End("tool_calls"));

    [Fact]
    public Task WithTextThatWaitsForACall_TheyWait() => Check($"look|Hello [{OneAs}]",
        Delta("""{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{\"q\""}}]}"""),
        Delta($$"""{"content":"Hello","annotations":[{{One}}]}"""),
        Delta("""{"tool_calls":[{"index":0,"function":{"arguments":":\"x\"}"}}]}"""), End("tool_calls"));

    private static async Task Check(string expected, params IEnumerable<string> chunks)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = RawAnswer.Of(chunks);
        using var gateway = new TestGateway("chat", upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"), ChatPlay.Tools);
        Assert.Equal(expected, string.Join('|', Output(result).Where(item => item is not ReasoningItem).Select(Line)));
    }

    private static string Line(Item item) => item is FunctionCallItem call ? call.Name
        : string.Concat(item.Json.Field("content"u8).Elements().Select(
            part => $"{part.Text("text"u8)} {part.Field("annotations"u8)}"));
}
