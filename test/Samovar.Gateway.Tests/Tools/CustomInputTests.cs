using System.Text.Json;
using Samovar.Gateway.Tools;
using Samovar.Testing.Upstreams;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Tools;

/// <summary>The input of a custom tool that an upstream knows as a function: found in arguments as loose as those of others.</summary>
public sealed class CustomInputTests
{
    private const string Patch = "*** Begin Patch\n+a \"b\"\n*** End Patch";

    public static TheoryData<string, string> Arguments => new()
    {
        { JsonSerializer.Serialize(new { input = Patch }), Patch },
        { "{\"input\":\"*** Begin Patch\n+a \\\"b\\\"\n*** End Patch\"}", Patch }, // its line breaks stand there as they are
        { "{}" + JsonSerializer.Serialize(new { input = Patch }), Patch },
        { JsonSerializer.Serialize(JsonSerializer.Serialize(new { input = Patch })), Patch },
        { "Here it is:\n```json\n" + JsonSerializer.Serialize(new { input = Patch }) + "\n```", Patch },
        { JsonSerializer.Serialize(new { input = Patch }) + " That is all.", Patch },
        { "{\"input\":\"x\",}", "x" },
        { "{\"input\":\"grep \\d+ C:\\dir\"}", "grep \\d+ C:\\dir" }, // its backslashes stand there as they are
        { "{\"input\":\"\"}", "" },
        { Patch, Patch },
        { "{\"other\":1}", "{\"other\":1}" },
        { "const a = await look({\"input\":\"x\"});", "const a = await look({\"input\":\"x\"});" },
        { "payload = {\"input\": \"long text\"}", "payload = {\"input\": \"long text\"}" },
        { "curl -d {\"input\":\"long text\"}", "curl -d {\"input\":\"long text\"}" },
        { "{\"input\":\"a\"}\nDone.", "a" },
        { "The patch: {\"input\":\"long text, as long as it takes\"}", "long text, as long as it takes" },
        { "*** Begin Patch\n {\"input\":\"x\"}\n*** End Patch", "*** Begin Patch\n {\"input\":\"x\"}\n*** End Patch" },
    };

    [Theory, MemberData(nameof(Arguments))]
    public void Input_IsFound_InItsArguments(string arguments, string input) =>
        Assert.Equal(input, CustomInput.Of(arguments, isWhole: true));

    [Theory]
    [InlineData("{\"input\":\"*** Beg", "*** Beg")]
    [InlineData("{\"input\":\"a\nb", "a\nb")]
    [InlineData("{}{\"input\":\"*** Beg", "*** Beg")]
    [InlineData("{\"inp", "")]
    [InlineData("*** Beg", "*** Beg")]
    [InlineData("{", "")]
    [InlineData("{\"input\":\"say \"hi\" now\"}", "say ")]
    [InlineData("{\"use strict\"; go() }", "{\"use strict\"; go() }")]
    public void Input_IsWhatCame_WhereItWasCutOff(string arguments, string input) =>
        Assert.Equal(input, CustomInput.Of(arguments, isWhole: false));

    [Theory, MemberData(nameof(Arguments))]
    public async Task Input_ReachesTheClient_FromEveryKindOfUpstream(string arguments, string input)
    {
        var expected = $"patch<{input}> | completed";
        Assert.Equal(expected, await PlayAsync(Call(0, "a", "patch", arguments), End("tool_calls")));
        Assert.Equal(expected, await PlayAsync([.. arguments.Select((one, at) =>
            Call(0, at == 0 ? "a" : null, at == 0 ? "patch" : null, one.ToString())), End("tool_calls")]));

        var json = JsonSerializer.Serialize(arguments);
        Assert.Equal(expected, await PlayStreamAsync("messages", Named("message_start", """{"message":{"model":"m"}}"""),
            Named("content_block_start", """{"index":0,"content_block":{"type":"tool_use","id":"t","name":"patch","input":{}}}"""),
            Named("content_block_delta", $$$"""{"index":0,"delta":{"type":"input_json_delta","partial_json":{{{json}}}}}"""),
            Named("content_block_stop", """{"index":0}"""),
            Named("message_delta", """{"delta":{"stop_reason":"tool_use"}}"""), Named("message_stop", "{}")));

        var item = $$"""{"type":"function_call","id":"f","call_id":"c","name":"patch","arguments":{{json}},"status":"completed"}""";
        Assert.Equal(expected, await PlayStreamAsync("responses-http", Named("response.created", """{"response":{"id":"r"}}"""),
            Named("response.output_item.done", $$"""{"output_index":0,"item":{{item}}}"""),
            Named("response.completed", $$$"""{"response":{"id":"r","status":"completed","output":[{{{item}}}]}}""")));
    }

    private static string Named(string name, string data) => $"event: {name}\ndata: {data}\n\n";

    private static async Task<string> PlayStreamAsync(string kind, params string[] events)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer(events);
        var options = TestGateway.Options(kind, upstream);
        if (kind == "responses-http") options.Pools[0].Destinations[0].Dialect = "vllm"; // functions only
        using var gateway = new TestGateway(options);
        return Outline(await gateway.TurnAsync(null, TestGateway.User("go"), ChatPlay.Tools));
    }
}
