using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Compaction;
using Samovar.Protocol.Items;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Compaction;

/// <summary><c>compaction</c> of a Messages request: the answer is one block, which stands for the conversation when it is sent
/// back.</summary>
public sealed class MessagesCompactionTests : IAsyncLifetime
{
    private const string Path = "/v1/messages";

    private static readonly string Basket = $$$"""
        {{{TalkingServer.Question}}},
        {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"exec","input":{"cmd":"cat basket.txt"}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":
         "{{{string.Concat(Enumerable.Repeat("apple ", 5000))}}}seven apples"}]},
        {"role":"assistant","content":"There are seven apples."}
        """;

    private readonly NotingBackend _backend = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_backend);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_IsABlockThatSaysWhatIsKept_AndStandsForAllOfIt(bool isStreamed)
    {
        var message = await CompactAsync(isStreamed);
        Assert.Equal("compaction", message.StopReason);
        var block = message.Block;
        Assert.Equal(("compaction", NotingBackend.GoodSummary), (block.Text("type"), block.Text("content")));
        Assert.StartsWith(CompactionItem.SamovarMark, block.Text("encrypted_content"), StringComparison.Ordinal);

        var history = $$"""{"role":"assistant","content":[{{block.GetRawText()}}]},{"role":"user","content":"And the pears?"}""";
        var (status, next) = await _server.PostAsync(Body(history, "\"system\":\"Be brief.\""), Path);
        Assert.True(status == HttpStatusCode.OK, next.GetRawText());
        Assert.Equal("end_turn", next.Text("stop_reason"));
        var seen = _backend.Seen[^1].Select(ItemText.Of).ToList();
        Assert.Single(seen, static text => text.Contains("count the apples in basket.txt and then", StringComparison.Ordinal));
        Assert.Single(seen, static text => text.Contains(NotingBackend.GoodSummary, StringComparison.Ordinal));
        Assert.Equal("And the pears?", seen[^1]);
        Assert.DoesNotContain(_backend.Seen[^1], static item => item is IToolOutput or CompactionItem);
    }

    [Fact]
    public async Task ShortConversation_IsSaidInFull()
    {
        var (_, message) = await _server.PostAsync(Body(TalkingServer.Question, Compaction()), Path);
        Assert.Equal("compaction", message.Text("stop_reason"));
        Assert.Contains("count the apples", message.GetProperty("content")[0].Text("content"), StringComparison.Ordinal);
        Assert.Empty(_backend.Asked);
    }

    [Fact]
    public async Task Instructions_AreAskedInPlaceOfTheServersWords_UnlessTheyAreBlank()
    {
        await _server.PostAsync(Body(Basket, Compaction("List the fruit.")), Path);
        Assert.Equal("List the fruit.", ItemText.Of(_backend.Seen[^1][^1]));
        Assert.Empty(_backend.Asked);
        await _server.PostAsync(Body(Basket, Compaction(" ")), Path);
        Assert.Single(_backend.Asked);
    }

    [Fact]
    public async Task Thread_IsCompacted_AndGoesOnBehindItsBlock()
    {
        var (_, first) = await _server.PostAsync(Body(Basket, "\"thread\":{\"type\":\"create\"}," + Compaction()), Path);
        var (status, next) = await _server.PostAsync(Body(
            """{"role":"user","content":"And the pears?"}""",
            $$"""  "thread":{"type":"continue","previous_message_id":"{{first.Text("id")}}"}"""), Path);
        Assert.True(status == HttpStatusCode.OK, next.GetRawText());
        Assert.Contains(_backend.Seen[^1], static item => ItemText.Of(item).Contains(NotingBackend.GoodSummary, StringComparison.Ordinal));
        Assert.DoesNotContain(_backend.Seen[^1], static item => item is IToolOutput or CompactionItem);
    }

    [Theory]
    [InlineData("""{"type":"summarize"},"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]}""", "context_management")]
    [InlineData("""{"type":"forget"}""", "compaction.type")]
    [InlineData("{}", "compaction.type")]
    [InlineData("true", "compaction")]
    [InlineData("""{"type":"summarize","instructions":5}""", "compaction.instructions")]
    public async Task WrongCompaction_IsRefused(string compaction, string param)
    {
        var (status, body) = await _server.PostAsync(Body(Basket, "\"compaction\":" + compaction), Path);
        Assert.Equal((HttpStatusCode.BadRequest, param), (status, body.GetProperty("error").Text("param")));
    }

    /// <summary>A provider's own block is its own affair.</summary>
    [Fact]
    public async Task BlockOfSomebodyElse_IsCarried()
    {
        const string block = """{"type":"compaction","content":"They counted.","encrypted_content":"abc"}""";
        await _server.PostAsync(Body($$"""{"role":"assistant","content":[{{block}}]},{{TalkingServer.Question}}""", "\"top_k\":1"), Path);
        Assert.Equal("messages_block", _backend.Seen[^1][0].Type);
    }

    private static string Compaction(string? instructions = null) => instructions is null ? """ "compaction":{"type":"summarize"} """
        : $$""" "compaction":{"type":"summarize","instructions":"{{instructions}}"} """;

    private static string Body(string messages, string more) => $$"""{"model":"m","max_tokens":99,"messages":[{{messages}}],{{more}}}""";

    private async Task<(string StopReason, JsonElement Block)> CompactAsync(bool isStreamed)
    {
        if (!isStreamed)
        {
            var (status, whole) = await _server.PostAsync(Body(Basket, Compaction()), Path);
            Assert.True(status == HttpStatusCode.OK, whole.GetRawText());
            return (whole.Text("stop_reason"), Assert.Single(whole.GetProperty("content").EnumerateArray()));
        }
        using var content = new StringContent(Body(Basket, Compaction() + ",\"stream\":true"), Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync(Path, content);
        var events = (await reply.Content.ReadAsStringAsync()).Split('\n')
            .Where(static line => line.StartsWith("data: ", StringComparison.Ordinal))
            .Select(static line => JsonDocument.Parse(line[6..]).RootElement).ToList();
        Assert.Equal(["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"],
            events.Select(TalkingServer.Type));
        var (start, delta) = (events[1].GetProperty("content_block"), events[2].GetProperty("delta"));
        Assert.Equal(("compaction", "compaction_delta"), (start.Type(), delta.Type()));
        Assert.Equal(start.Text("encrypted_content"), delta.Text("encrypted_content"));
        var block = delta.GetRawText().Replace("compaction_delta", "compaction", StringComparison.Ordinal);
        return (events[^2].GetProperty("delta").Text("stop_reason"), JsonDocument.Parse(block).RootElement);
    }
}
