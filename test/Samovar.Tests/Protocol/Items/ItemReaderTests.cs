using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Items;

public sealed class ItemReaderTests
{
    [Theory]
    [InlineData("""{"type":"message","role":"user","content":"x"}""", typeof(MessageItem), "message")]
    [InlineData("""{"role":"developer","content":[]}""", typeof(MessageItem), "message")]
    [InlineData("""{"content":"x","role":"system","type":"message"}""", typeof(MessageItem), "message")]
    [InlineData("""{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}""", typeof(FunctionCallItem), "function_call")]
    [InlineData("""{"output":"x","call_id":"c","type":"function_call_output"}""", typeof(FunctionCallOutputItem), "function_call_output")]
    [InlineData("""{"type":"custom_tool_call","call_id":"c","name":"f","input":""}""", typeof(CustomToolCallItem), "custom_tool_call")]
    [InlineData("""{"type":"custom_tool_call_output","call_id":"c","output":[]}""", typeof(CustomToolCallOutputItem),
        "custom_tool_call_output")]
    [InlineData("""{"type":"reasoning"}""", typeof(ReasoningItem), "reasoning")]
    [InlineData("""{"type":"additional_tools","role":"developer","tools":[]}""", typeof(AdditionalToolsItem), "additional_tools")]
    [InlineData("""{"type":"item_reference","id":"msg_1"}""", typeof(ItemReferenceItem), "item_reference")]
    [InlineData("""{"id":"msg_1"}""", typeof(ItemReferenceItem), "item_reference")]
    [InlineData("""{"type":"compaction","encrypted_content":"x"}""", typeof(CompactionItem), "compaction")]
    [InlineData("""{"type":"compaction_trigger"}""", typeof(CompactionTriggerItem), "compaction_trigger")]
    [InlineData("""{"type":"shell_call","call_id":"c","action":{}}""", typeof(OtherCallItem), "shell_call")]
    [InlineData("""{"type":"web_search_call","id":"ws_1"}""", typeof(OtherCallItem), "web_search_call")]
    [InlineData("""{"type":"program","call_id":"c"}""", typeof(OtherCallItem), "program")]
    [InlineData("""{"type":"apply_patch_call_output","call_id":"c","output":null}""", typeof(OtherOutputItem), "apply_patch_call_output")]
    [InlineData("""{"type":"shell_call_output","call_id":"c","output":[{"stdout":"x"}]}""", typeof(OtherOutputItem), "shell_call_output")]
    [InlineData("""{"type":"configuration_update","reasoning":{"effort":"low"}}""", typeof(UnknownItem), "configuration_update")]
    [InlineData("""{"type":"acme:telescope","output":7,"call_id":[]}""", typeof(UnknownItem), "acme:telescope")]
    public void EveryKind_IsRead_AndKeptByteForByte(string json, Type kind, string type)
    {
        var item = Samples.Item(json);
        Assert.IsType(kind, item);
        Assert.Equal(type, item.Type);
        Assert.Equal(json, item.Json.ToString());
    }

    [Fact]
    public void Parts_OfEveryKind_AreRead()
    {
        var message = Assert.IsType<MessageItem>(Samples.Item("""
            {"role":"assistant","phase":"commentary","id":"msg_1","content":[
              {"type":"output_text","text":"a","annotations":[],"logprobs":[]}, {"type":"refusal","refusal":"no"}, {"text":"b",
               "type":"input_text"},
              {"type":"input_image","image_url":"data:x","detail":"low"}, {"type":"input_image","file_id":"f"},
              {"type":"input_file","filename":"n","file_data":"AAAA"}, {"type":"input_file","file_url":"u"}, {"type":"input_audio",
               "text":7}]}
            """));
        Assert.Equal(("commentary", "msg_1"), (message.Phase, message.Id));
        ContentPart[] expected =
        [
            new ContentPart.Text("a"), new ContentPart.Refusal("no"), new ContentPart.Text("b"),
                new ContentPart.Image("data:x", null, "low"),
            new ContentPart.Image(null, "f", null), new ContentPart.File("n", null, null, HasData: true),
            new ContentPart.File(null, null, "u", HasData: false), new ContentPart.Other("input_audio"),
        ];
        Assert.Equal(expected, message.Content);
    }

    [Fact]
    public void Outputs_MayBeArrays()
    {
        var request = Samples.Socket(Samples.CodexLite);
        var output = Assert.IsType<CustomToolCallOutputItem>(request.Input[^1]);
        Assert.Equal([new ContentPart.Text("1"), new ContentPart.Image("data:image/png;base64,AAAA", null, "auto")], output.Output);
        var call = Assert.IsType<CustomToolCallItem>(request.Input[^2]);
        Assert.Equal(("call_9", "exec", "functions", "print(1)", "ctc_1"), (call.CallId, call.Name, call.Namespace, call.Input, call.Id));
    }

    [Fact]
    public void Reasoning_KeepsWhatIsEncrypted_AndPlain()
    {
        var item = Assert.IsType<ReasoningItem>(Samples.Item("""
            {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"reasoning_text",
             "text":"r"}],"encrypted_content":"e"}
            """));
        Assert.Equal(("s", "r", "e", "rs_1"), (item.Summary[0], item.Content[0], item.EncryptedContent, item.Id));
        var empty = Samples.Item("""{"type":"reasoning","summary":[],"content":null,"encrypted_content":null}""");
        Assert.Empty(Assert.IsType<ReasoningItem>(empty).Content);
    }

    [Fact]
    public void AdditionalTools_AreTools()
    {
        var tools = Assert.IsType<AdditionalToolsItem>(Samples.Socket(Samples.CodexLite).Input[0]).Tools;
        var space = Assert.IsType<Tool.Namespace>(Assert.Single(tools.Tools));
        var exec = Assert.IsType<Tool.Custom>(Assert.Single(space.Tools));
        Assert.Equal(("functions", "exec", "lark", "start: /.+/"), (space.Name, exec.Name, exec.Syntax, exec.Grammar));
    }

    [Fact]
    public void Tools_OfEveryKind_AreRead()
    {
        var tools = Samples.Socket(Samples.CodexPrewarm).Tools!;
        var exec = Assert.IsType<Tool.Function>(tools.Tools[0]);
        Assert.Equal(("exec_command", "Runs a command.", false), (exec.Name, exec.Description, exec.Strict));
        Assert.StartsWith("""{"type":"object",""", exec.Parameters.ToString(), StringComparison.Ordinal);
        Assert.Equal("web_search", Assert.IsType<Tool.Other>(tools.Tools[1]).Kind);
        Assert.Equal("spawn", Assert.IsType<Tool.Function>(Assert.IsType<Tool.Namespace>(tools.Tools[2]).Tools[0]).Name);
        var bare = Assert.IsType<Tool.Function>(Samples.Http("""{"input":"x","tools":[{"type":"function","name":"f"}]}""").Tools!.Tools[0]);
        Assert.True(bare is { Description: null, Strict: null, Parameters.IsEmpty: true });
    }

    [Fact]
    public void CallIds_OfCarriedKinds_AreFound()
    {
        Assert.Equal("c", Assert.IsAssignableFrom<IToolCall>(Samples.Item("""{"type":"local_shell_call","call_id":"c"}""")).CallId);
        Assert.Equal("c",
            Assert.IsAssignableFrom<IToolOutput>(Samples.Item("""{"type":"local_shell_call_output","id":"c","output":"x"}""")).CallId);
        Assert.Null(Assert.IsAssignableFrom<IToolCall>(Samples.Item("""{"type":"image_generation_call","id":"ig_1"}""")).CallId);
        var output = Assert.IsType<OtherOutputItem>(Samples.Item("""{"type":"tool_search_output","call_id":"c","output":"t"}"""));
        Assert.Equal([new ContentPart.Text("t")], output.Output);
    }

    [Fact]
    public void OddUpstreamItems_AreKeptAsUnknown()
    {
        var odd = RawJson.Of("""{"role":5,"type":"message","content":{}}""");
        var item = Assert.IsType<UnknownItem>(ItemReader.ReadOrKeep(odd, ProtocolLimits.Default));
        Assert.Equal(("message", odd), (item.Kind, item.Json));
        Assert.IsType<UnknownItem>(ItemReader.ReadOrKeep(RawJson.Of("""{"type":7}"""), ProtocolLimits.Default));
        Assert.IsType<CompactionItem>(ItemReader.ReadOrKeep(RawJson.Of("""{"type":"compaction","encrypted_content":"x"}"""),
            ProtocolLimits.Default));
        Assert.Throws<ApiException>(() => ItemReader.ReadOrKeep(RawJson.Of("[]"), ProtocolLimits.Default));
    }
}
