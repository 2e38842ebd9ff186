using Samovar.Testing.Upstreams;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Drivers;

/// <summary>Upstreams that count in UTF-16 cut characters in two, each half in an event of its own.</summary>
public sealed class SplitCharacterTests
{
    [Theory]
    [InlineData("""{"content":"a\ud83d"}""", """{"content":"\ude00b"}""", "text 'a😀b' | completed")]
    [InlineData("""{"content":[{"type":"text","text":"\ud83d"}]}""", """{"content":"\ude00"}""", "text '😀' | completed")]
    [InlineData("""{"reasoning_content":"\ud83d"}""", """{"reasoning_content":"\ude00"}""", "thought '😀' | completed")]
    [InlineData("""{"refusal":"\ud83d"}""", """{"refusal":"\ude00"}""", "text 'refusal:😀' | completed")]
    [InlineData("""{"content":"a\ud83d"}""", """{"content":"b"}""", "text 'a\uFFFDb' | completed")]
    [InlineData("""{"content":"a"}""", """{"content":"\ud83d"}""", "text 'a\uFFFD' | completed")]
    [InlineData("""{"content":"a\ud83d"}""", """{"refusal":"\ude00"}""", "text 'a\uFFFDrefusal:\uFFFD' | completed")]
    public async Task TextOfChat_IsPutTogether(string first, string second, string expected) =>
        Assert.Equal(expected, await PlayAsync(Delta(first), Delta(second), End("stop")));

    [Theory]
    [InlineData("look", """{\"q\":\"\ud83d""", """\ude00\"}""", """look({"q":"😀"}) | completed""")]
    [InlineData("look", """{\"q\":\"\ud83d""", """\"}""", "look({\"q\":\"\uFFFD\"}) | completed")]
    [InlineData("patch", """{\"input\":\"\ud83d""", """\ude00\"}""", "patch<😀> | completed")]
    public async Task ArgumentsOfChat_ArePutTogether(string name, string first, string second, string expected) =>
        Assert.Equal(expected, await PlayAsync(
            Delta("{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"" + name + "\",\"arguments\":\"" + first + "\"}}]}"),
            Delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"" + second + "\"}}]}"), End("tool_calls")));

    [Fact]
    public async Task MessageThatGrows_GrowsInsideACharacter() => Assert.Equal("text 'a😀b' | completed", await PlayAsync(
        """{"choices":[{"index":0,"message":{"role":"assistant","content":"a\ud83d"}}]}""",
        """{"choices":[{"index":0,"message":{"role":"assistant","content":"a\ud83d\ude00b"},"finish_reason":"stop"}]}"""));

    [Theory]
    [InlineData("""{"type":"text","text":""}""", "text_delta", "text", "\\ud83d", "\\ude00", "text '😀' | completed")]
    [InlineData("""{"type":"text","text":"\ud83d"}""", "text_delta", "text", "\\ude00", "\\ud83d", "text '😀\uFFFD' | completed")]
    [InlineData("""{"type":"thinking","thinking":""}""", "thinking_delta", "thinking", "\\ud83d", "\\ude00", "thought '😀' | completed")]
    [InlineData("""{"type":"thinking","thinking":""}""", "thinking_delta", "thinking", "a", "\\ud83d", "thought 'a\uFFFD' | completed")]
    [InlineData("""{"type":"tool_use","id":"t","name":"look","input":{}}""", "input_json_delta", "partial_json",
        """{\"q\":\"\ud83d""", """\ude00\"}""", """look({"q":"😀"}) | completed""")]
    public async Task BlocksOfMessages_ArePutTogether(
        string block, string kind, string field, string first, string second, string expected)
    {
        string Event(string piece) => "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"" + kind + "\",\"" + field
            + "\":\"" + piece + "\"}}";
        Assert.Equal(expected, await StreamAsync("messages", """{"type":"message_start","message":{"model":"m"}}""",
            $$"""{"type":"content_block_start","index":0,"content_block":{{block}}}""", Event(first), Event(second),
            """{"type":"content_block_stop","index":0}""", """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""",
            """{"type":"message_stop"}"""));
    }

    [Theory]
    [InlineData("output_text", "\\ud83d", "\\ude00", """{"type":"message","id":"i","role":"assistant","status":"completed",""" +
        """ "content":[{"type":"output_text","text":"\ud83d\ude00"}]}""", "text '😀' | completed")]
    [InlineData("output_text", "a\\ud83d", "b", """{"type":"message","id":"i","role":"assistant","status":"completed",""" +
        """ "content":[{"type":"output_text","text":"a\ud83db"}]}""", "text 'a\uFFFDb' | completed")]
    [InlineData("output_text", "a", "\\ud83d", """{"type":"message","id":"i","role":"assistant","status":"completed",""" +
        """ "content":[{"type":"output_text","text":"a😀b"}]}""", "text 'a😀b' | completed")]
    [InlineData("refusal", "\\ud83d", "\\ude00", """{"type":"message","id":"i","role":"assistant","status":"completed",""" +
        """ "content":[{"type":"refusal","refusal":"😀"}]}""", "text 'refusal:😀' | completed")]
    [InlineData("reasoning_text", "\\ud83d", "\\ude00", """{"type":"reasoning","id":"i","summary":[],""" +
        """ "content":[{"type":"reasoning_text","text":"😀"}]}""", "thought '😀' | completed")]
    [InlineData("function_call_arguments", """{\"q\":\"\ud83d""", """\ude00\"}""", """{"type":"function_call","id":"i","call_id":"c",""" +
        """ "name":"look","status":"completed","arguments":"{\"q\":\"😀\"}"}""", """look({"q":"😀"}) | completed""")]
    [InlineData("custom_tool_call_input", "\\ud83d", "\\ude00", """{"type":"custom_tool_call","id":"i","call_id":"c",""" +
        """ "name":"patch","status":"completed","input":"😀"}""", "patch<😀> | completed")]
    public async Task ItemsOfResponses_ArePutTogether_AndEndAsTheUpstreamHasThem(
        string kind, string first, string second, string item, string expected)
    {
        string Event(string piece) => "{\"type\":\"response." + kind + ".delta\",\"item_id\":\"i\",\"output_index\":0,\"delta\":\""
            + piece + "\"}";
        var begun = item[..item.IndexOf(",\"id\"", StringComparison.Ordinal)] + ",\"id\":\"i\",\"call_id\":\"c\",\"name\":\""
            + (kind[0] == 'c' ? "patch" : "look") + "\"}";
        Assert.Equal(expected, await StreamAsync("responses-http", """{"type":"response.created","response":{"id":"r"}}""",
            $$"""{"type":"response.output_item.added","output_index":0,"item":{{begun}}}""", Event(first), Event(second),
            $$"""{"type":"response.output_item.done","output_index":0,"item":{{item}}}""",
            """{"type":"response.completed","response":{"id":"r","status":"completed","output":[""" + item + "]}}"));
    }

    private static Task<string> StreamAsync(string kind, params IEnumerable<string> events) =>
        PlayAsync(new RawAnswer([.. events.Select(json => $"data: {json}\n\n")]), kind);
}
