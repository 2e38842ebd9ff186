using System.Text;
using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Chains;

/// <summary>What counts as the same item, and what never does.</summary>
public sealed class ItemContentTests
{
    private const string Message = """
        {"id":"msg_1","type":"message","status":"completed","role":"assistant","phase":"final_answer","content":[
        {"type":"output_text","text":"A \u00e9 b","annotations":[{"type":"url_citation","url":"x"}],"logprobs":[]}]}
        """;

    private const string Call =
        """{"id":"fc_1","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{\"a\": 1}"}""";

    private const string Thought = """
        {"id":"rs_1","type":"reasoning","status":"completed","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAA"}
        """;

    [Theory]
    [InlineData(Message, """{"role":"assistant","content":"A é b"}""")]
    [InlineData(Message, """{"content":[{"text":"A é b","type":"output_text"}],"role":"assistant","type":"message"}""")]
    [InlineData(Message, """{"role":"assistant","phase":"final_answer","content":[{"type":"input_text","text":"A é b"}]}""")]
    [InlineData("""{"role":"user","content":"hi"}""", """{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}""")]
    [InlineData(Call, """{"type":"function_call","name":"f","arguments":"{\"a\": 1}","call_id":"c1","namespace":null}""")]
    [InlineData(Call, """{"type":"function_call","name":"f","arguments":"{\"a\":1}","call_id":"c1"}""")]
    [InlineData(Call, """{"type":"function_call","name":"f","arguments":" {\n  \"a\" : 1.0\n}\n","call_id":"c1"}""")]
    [InlineData("""{"type":"function_call","name":"f","arguments":"{}","call_id":"c1","extra_content":{"google":{"x":"y"}}}""",
        """{"type":"function_call","name":"f","arguments":"{}","call_id":"c1"}""")]
    [InlineData("""{"type":"function_call","name":"f","arguments":"{}","call_id":"c1","extra_content":{"google":{"x":"y"}}}""",
        """{"type":"function_call","name":"f","arguments":"{}","call_id":"c1","extra_content":{"google":{"x":"dummy"}}}""")]
    [InlineData(
        """{"type":"function_call","name":"f","call_id":"c","arguments":"{\"b\":{\"y\":\"\\u00e9\",\"x\":1e2},\"a\":[true,null]}"}""",
        """{"type":"function_call","name":"f","call_id":"c","arguments":"{\"a\": [true, null], \"b\": {\"x\": 100, \"y\": \"é\"}}"}""")]
    [InlineData("""{"type":"function_call","name":"f","arguments":"","call_id":"c1"}""",
        """{"type":"function_call","name":"f","arguments":"{}","call_id":"c1"}""")]
    [InlineData("""{"type":"function_call_output","call_id":"c1","output":"ok"}""",
        """{"type":"function_call_output","id":"fco_1","call_id":"c1","output":[{"type":"input_text","text":"ok"}]}""")]
    [InlineData(Thought,
        """{"type":"reasoning","id":"x","summary":[{"type":"summary_text","text":"s"}],"content":null,"encrypted_content":"gAAA"}""")]
    [InlineData("""{"type":"acme:thing","id":"1","x":1}""", """{"type":"acme:thing","id":"1","x":1}""")]
    [InlineData("""{"id":"mb_1","type":"messages_block","role":"assistant","block":{"type":"x","a":1}}""",
        """{"type":"messages_block","role":"assistant","block":{"type":"x","a":1}}""")]
    public void RewrittenItem_IsTheSame(string one, string other)
    {
        var (a, b) = (Read(one), Read(other));
        Assert.True(ItemContent.AreEqual(a, b) && ItemContent.AreEqual(b, a));
        Assert.Equal(Name(a), Name(b));
    }

    [Theory]
    [InlineData(Message, """{"role":"assistant","content":"A é  b"}""")]
    [InlineData(Message, """{"role":"user","content":"A é b"}""")]
    [InlineData(Message, """{"role":"assistant","content":[{"type":"refusal","refusal":"A é b"}]}""")]
    [InlineData(Message, """{"role":"assistant","content":"A é b","phase":"commentary"}""")]
    [InlineData(Message, """{"role":"assistant","content":"A é b","cache_control":{"type":"ephemeral"}}""")]
    [InlineData(Message, """{"role":"assistant","content":[{"type":"output_text","text":"A é"},{"type":"output_text","text":" b"}]}""")]
    [InlineData(Call, """{"type":"function_call","name":"f","arguments":"{\"a\":2}","call_id":"c1"}""")]
    [InlineData(Call, """{"type":"function_call","name":"f","arguments":"{\"a\":\"1\"}","call_id":"c1"}""")]
    [InlineData(Call, """{"type":"function_call","name":"f","arguments":"{\"a\": 1","call_id":"c1"}""")]
    [InlineData("""{"type":"function_call","name":"f","arguments":"{\"a\":[1,2]}","call_id":"c1"}""",
        """{"type":"function_call","name":"f","arguments":"{\"a\":[2,1]}","call_id":"c1"}""")]
    [InlineData("""{"type":"function_call","name":"f","arguments":"{\"a\":\"x y\"}","call_id":"c1"}""",
        """{"type":"function_call","name":"f","arguments":"{\"a\":\"x  y\"}","call_id":"c1"}""")]
    [InlineData("""{"type":"function_call","name":"f","arguments":"not {json","call_id":"c1"}""",
        """{"type":"function_call","name":"f","arguments":"not  {json","call_id":"c1"}""")]
    [InlineData("""{"type":"custom_tool_call","name":"f","input":"{\"a\": 1}","call_id":"c1"}""",
        """{"type":"custom_tool_call","name":"f","input":"{\"a\":1}","call_id":"c1"}""")]
    [InlineData(Call, """{"type":"function_call","name":"f","arguments":"{\"a\": 1}","call_id":"c2"}""")]
    [InlineData(Call, """{"type":"function_call","name":"f","arguments":"{\"a\": 1}","call_id":"c1","namespace":"n"}""")]
    [InlineData(Call, """{"type":"custom_tool_call","name":"f","input":"{\"a\": 1}","call_id":"c1"}""")]
    [InlineData(Thought, """{"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAB"}""")]
    [InlineData("""{"role":"user","content":[{"type":"input_image","image_url":"a"}]}""",
        """{"role":"user","content":[{"type":"input_image","image_url":"b"}]}""")]
    [InlineData("""{"role":"user","content":[{"type":"input_image","image_url":"a"}]}""",
        """{"role":"user","content":[{"type":"input_image","image_url":"a","detail":"low"}]}""")]
    [InlineData("""{"type":"acme:thing","id":"1","x":1}""", """{"type":"acme:thing","x":1}""")]
    [InlineData("""{"type":"shell_call","call_id":"1","action":{"a":1}}""", """{"type":"shell_call","call_id":"1","action":{"a": 1}}""")]
    public void OtherItem_IsNotTheSame(string one, string other)
    {
        var (a, b) = (Read(one), Read(other));
        Assert.False(ItemContent.AreEqual(a, b) || ItemContent.AreEqual(b, a));
    }

    [Fact]
    public void Hash_GrowsItemByItem_AndPassesReasoningOver()
    {
        Assert.Equal(Name(Read(Message), Read(Call)), Name(Read(Message), Read(Thought), Read(Call)));
        Assert.NotEqual(Name(Read(Message), Read(Call)), Name(Read(Call), Read(Message)));
        Assert.NotEqual(Name(Read(Message)), Name(Read(Message), Read(Message)));
    }

    /// <summary>Arguments are a text of the client's, however deep it is nested.</summary>
    [Fact]
    public void DeepArguments_AreEqualOnlyToThemselves()
    {
        string Deep(string space) => new string('[', 100_000) + space + new string(']', 100_000);
        Item Nested(string space) => Read($$"""{"type":"function_call","name":"f","arguments":"{{Deep(space)}}","call_id":"c1"}""");
        Assert.False(ItemContent.AreEqual(Nested(""), Nested(" ")));
        Assert.True(ItemContent.AreEqual(Nested(""), Nested("")));
        Assert.Equal(Name(Nested("")), Name(Nested("")));
    }

    private static ContentHash Name(params Item[] items)
    {
        using var walk = new ContentWalk(ContentHash.Start);
        foreach (var item in items) walk.Add(item);
        return walk.At;
    }

    private static Item Read(string json) => ItemReader.Read(Encoding.UTF8.GetBytes(json.Trim()), ProtocolLimits.Default);
}
