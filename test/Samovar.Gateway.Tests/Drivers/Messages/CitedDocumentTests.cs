using System.Text;
using Samovar.Context;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>Documents that a client of the Messages API wants cited come to such upstreams so, and what was cited goes back.</summary>
public sealed class CitedDocumentTests
{
    private const string Mark = ",\"cache_control\":{\"type\":\"ephemeral\"}";

    [Theory]
    [InlineData("""{"type":"document","title":"a","source":{"type":"url","url":"https://h/a.pdf"},"citations":{"enabled":true}}""")]
    [InlineData("""{"type":"document","source":{"type":"file","file_id":"f"},"citations":{"enabled":false,"x":1},"context":"old"}""")]
    [InlineData("""{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a\nb"},"citations":{"enabled":true}}""")]
    [InlineData("""{"type":"document","title":"t","source":{"type":"content","content":[{"type":"text","text":"a"},""" +
        """{"type":"text","text":"b"}]},"context":"c","citations":{"enabled":true}}""")]
    public void DocumentsToBeCited_GoOnAsTheyCame(string document)
    {
        var marked = document[..^1] + Mark + "}";
        foreach (var block in (string[])[document, marked])
            Assert.Equal([document, document], Sent(block));
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","citations":null,"context":null""")]
    [InlineData(""","citations":{"enabled":false},"context":"c" """)]
    public void DocumentsOfText_AreText_WhereNobodyCitesThem(string said) => Assert.Equal(
        ["""{"type":"text","text":"t\na"}""", """{"type":"text","text":"t\na"}"""],
        Sent($$"""{"type":"document","title":"t","source":{"type":"text","data":"a"}{{said}}}"""));

    [Theory]
    [InlineData("chat", null)]
    [InlineData("responses-http", null)]
    [InlineData("responses-http", "samovar")]
    public async Task DocumentsToBeCited_AreTheirText_Elsewhere(string kind, string? dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options(kind, upstream);
        if (dialect is not null) options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        await gateway.TurnAsync(Read("""[{"role":"user","content":[{"type":"document","title":"t","source":{"type":"text","data":"a"},"""
            + """ "citations":{"enabled":true},"context":"c"}]}]"""));
        var sent = upstream.Requests.Last().Text;
        Assert.Contains("""t\na""", sent, StringComparison.Ordinal);
        Assert.Equal(dialect is not null, sent.Contains("citations", StringComparison.Ordinal));
    }

    [Fact]
    public void TextThatCites_KeepsIt_WhereNobodyKnowsTheHistory()
    {
        const string cited = """[{"type":"page_location","cited_text":"\u00e9", "document_index":0}]""";
        var read = Read("""[{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"text","text":"so","citations":"""
            + cited + """},{"type":"text","text":"well","citations":null}]},{"role":"user","content":"on"}]""");
        Assert.Equal("""{"role":"assistant","content":[{"type":"text","text":"so","citations":""" + cited
            + """},{"type":"text","text":"well"}]}""", Messages(read)[1].ToString());
    }

    /// <summary>As a user says it, and as a tool gives it.</summary>
    private static string[] Sent(string block)
    {
        var said = Messages(Read($$"""[{"role":"user","content":[{{block}},{"type":"text","text":"see"}]}]"""))[0];
        var given = Messages(Read("""[{"role":"user","content":"go"},"""
            + """{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},"""
            + $$"""{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{{block}}]}]}]"""))[2];
        return [said.Field("content"u8).Elements()[0].ToString(),
            given.Field("content"u8).Elements()[0].Field("content"u8).Elements()[0].ToString()];
    }

    private static List<RawJson> Messages(CreateRequest request) =>
        [.. MessageHistory.For(new TurnContext(null, request.Input), ToolNames.Of([])).SelectMany(run => run.Messages)];

    private static CreateRequest Read(string messages) => MessagesRequestReader.Read(
        Encoding.UTF8.GetBytes("{\"messages\":" + messages + "}"), ProtocolLimits.Default).Request;
}
