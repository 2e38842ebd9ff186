using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Items;

/// <summary>Items of a list, whole, against what the OpenAI SDKs' types ask of each kind.</summary>
public sealed class ListedItemTests
{
    [Theory]
    [InlineData("""{"role":"user","content":"hi \u00e9"}""",
        """{"id":"i","type":"message","status":"completed","role":"user","content":[{"type":"input_text","text":"hi é"}]}""")]
    [InlineData("""{"id":"i","status":null,"role":"assistant","phase":"final_answer","content":"so"}""", """
        {"id":"i","type":"message","status":"completed","role":"assistant","phase":"final_answer",
        "content":[{"type":"output_text","text":"so","annotations":[],"logprobs":[]}]}
        """)]
    [InlineData("""{"role":"assistant","content":[{"type":"input_text","text":"a"},{"type":"refusal","refusal":"no"}]}""", """
        {"id":"i","type":"message","status":"completed","role":"assistant","content":[
        {"type":"output_text","text":"a","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]}
        """)]
    [InlineData("""
        {"type":"message","status":"incomplete","role":"assistant","content":[
        {"type":"output_text","text":"a","annotations":[{"type":"url_citation","url":"x"}],"logprobs":null}]}
        """, """
        {"id":"i","type":"message","status":"incomplete","role":"assistant","content":[
        {"type":"output_text","text":"a","annotations":[{"type":"url_citation","url":"x"}],"logprobs":[]}]}
        """)]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a"},{"type":"input_image","image_url":"data:x"}],"extra":1}""", """
        {"id":"i","type":"message","status":"completed","role":"user","extra":1,"content":[
        {"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:x","detail":"auto"}]}
        """)]
    [InlineData("""
        {"role":"user","content":[{"type":"input_image","image_url":"data:x","detail":"low"},{"type":"input_file","file_id":"f"}]}
        """, """
        {"id":"i","type":"message","status":"completed","role":"user","content":[
        {"type":"input_image","image_url":"data:x","detail":"low"},{"type":"input_file","file_id":"f"}]}
        """)]
    [InlineData("""{"type":"function_call","call_id":"c","name":"f","arguments":"{ }"}""",
        """{"id":"i","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{ }"}""")]
    [InlineData("""{"type":"custom_tool_call","call_id":"c","name":"f","input":"x","status":"incomplete"}""",
        """{"id":"i","type":"custom_tool_call","status":"incomplete","call_id":"c","name":"f","input":"x"}""")]
    [InlineData("""{"type":"function_call_output","call_id":"c","output":"ok"}""",
        """{"id":"i","type":"function_call_output","status":"completed","call_id":"c","output":"ok"}""")]
    [InlineData("""{"type":"custom_tool_call_output","call_id":"c","output":[{"type":"output_text","text":"ok"}]}""", """
        {"id":"i","type":"custom_tool_call_output","status":"completed","call_id":"c","output":"ok"}
        """)]
    [InlineData("""{"type":"function_call_output","call_id":"c","output":[{"type":"text","text":"a"},{"type":"output_text","text":"b"}]}""",
        """
        {"id":"i","type":"function_call_output","status":"completed","call_id":"c","output":[
        {"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]}
        """)]
    [InlineData("""{"type":"function_call_output","call_id":"c","output":[]}""",
        """{"id":"i","type":"function_call_output","status":"completed","call_id":"c","output":[]}""")]
    [InlineData("""{"type":"reasoning","encrypted_content":"gAA","content":null}""",
        """{"id":"i","type":"reasoning","summary":[],"encrypted_content":"gAA"}""")]
    [InlineData("""
        {"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"reasoning_text","text":"t"}]}
        """, """
        {"id":"i","type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"reasoning_text","text":"t"}]}
        """)]
    [InlineData("""{"type":"compaction","encrypted_content":"gAA"}""", """{"id":"i","type":"compaction","encrypted_content":"gAA"}""")]
    [InlineData("""{"type":"additional_tools","tools":[]}""", """{"id":"i","type":"additional_tools","role":"developer","tools":[]}""")]
    [InlineData("""{"type":"shell_call","call_id":"c","action":{"commands":["ls"]}}""",
        """{"id":"i","type":"shell_call","status":"completed","call_id":"c","action":{"commands":["ls"]}}""")]
    [InlineData("""{"type":"acme:thing","x":{"content":"as it came"}}""",
        """{"id":"i","type":"acme:thing","x":{"content":"as it came"}}""")]
    public void Item_HasTheFormOfItsKind(string item, string listed)
    {
        var bytes = JsonBuffer.Bytes(Read(item), static (writer, item) => ListedItem.Write(writer, item, item.Id ?? "i"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(listed), JsonNode.Parse(bytes)), Encoding.UTF8.GetString(bytes));
        using var once = JsonDocument.Parse(bytes); // no name twice
        var names = once.RootElement.EnumerateObject().Select(field => field.Name).ToList();
        Assert.Equal(names.Distinct(StringComparer.Ordinal), names);
    }

    private static Item Read(string json) => ItemReader.Read(Encoding.UTF8.GetBytes(json.Trim()), ProtocolLimits.Default);
}
