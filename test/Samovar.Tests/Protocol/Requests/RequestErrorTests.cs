using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Protocol.Requests;

/// <summary>Every violation has a code and names its field.</summary>
public sealed class RequestErrorTests
{
    [Theory]
    // Not JSON, or not the right JSON.
    [InlineData("", "invalid_json", null)]
    [InlineData(" ", "invalid_json", null)]
    [InlineData("{", "invalid_json", null)]
    [InlineData("""{"model":"m","input":"x"} x""", "invalid_json", null)]
    [InlineData("""{"model":"m","input":"x"}{}""", "invalid_json", null)]
    [InlineData("""{"model":"m",}""", "invalid_json", null)]
    [InlineData("""{'model':'m'}""", "invalid_json", null)]
    [InlineData("""{"model":NaN}""", "invalid_json", null)]
    [InlineData("""{"model":"\x"}""", "invalid_json", null)]
    [InlineData("[]", "invalid_type", null)]
    [InlineData("null", "invalid_type", null)]
    [InlineData("1", "invalid_type", null)]
    [InlineData("\"x\"", "invalid_type", null)]
    // What is missing, twice there, or not offered.
    [InlineData("""{}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"m"}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"m","input":null}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"m","input":[]}""", "empty_array", "input")]
    [InlineData("""{"model":"m","model":"n","input":"x"}""", "duplicate_parameter", "model")]
    [InlineData("""{"x":1,"x":1,"input":"x"}""", "duplicate_parameter", "x")]
    [InlineData("""{"input":[{"role":"user","role":"user","content":""}]}""", "duplicate_parameter", "input[0].role")]
    [InlineData("""{"input":"x","metadata":{"a":"b","a":"b"}}""", "duplicate_parameter", "metadata.a")]
    [InlineData("""{"input":"x","metadata":{"a":"b","\u0061":"c"}}""", "duplicate_parameter", "metadata.a")]
    [InlineData("""{"input":"x","background":true,"store":false}""", "unsupported_parameter", "background")]
    [InlineData("""{"input":"x","conversation":{}}""", "missing_required_parameter", "conversation.id")]
    [InlineData("""{"input":"x","conversation":7}""", "invalid_type", "conversation")]
    [InlineData("""{"input":"x","conversation":""}""", "string_below_min_length", "conversation")]
    [InlineData("""{"input":"x","conversation":{"id":"c"},"previous_response_id":"r"}""",
        "mutually_exclusive_parameters", "conversation")]
    [InlineData("""{"input":"x","prompt":{"id":"p"}}""", "unsupported_parameter", "prompt")]
    [InlineData("""{"input":"x","context_management":{"type":"compaction"}}""", "invalid_type", "context_management")]
    [InlineData("""{"input":"x","context_management":[{"type":"clear"}]}""", "invalid_value", "context_management[0].type")]
    [InlineData("""{"input":"x","context_management":[{}]}""", "missing_required_parameter", "context_management[0].type")]
    [InlineData("""{"input":"x","context_management":[{"type":"compaction","compact_threshold":999}]}""",
        "integer_below_min_value", "context_management[0].compact_threshold")]
    [InlineData("""{"input":"x","moderation":{"model":"m"}}""", "unsupported_parameter", "moderation")]
    [InlineData("""{"input":"x","multi_agent":{"enabled":true}}""", "unsupported_parameter", "multi_agent")]
    [InlineData("""{"input":"x","generate":false}""", "unsupported_parameter", "generate")]
    [InlineData("""{"input":"x","final":true,"prompt_cache_options":{"prewarm":true}}""", "mutually_exclusive_parameters", "final")]
    [InlineData("""{"input":[{"type":"compaction_trigger"},{"role":"user","content":"a"}]}""", "invalid_value", "input[0]")]
    [InlineData("""{"input":[{"type":"compaction_trigger"},{"type":"compaction_trigger"}]}""", "invalid_value", "input[0]")]
    // Wrong types.
    [InlineData("""{"model":1,"input":"x"}""", "invalid_type", "model")]
    [InlineData("""{"model":"","input":"x"}""", "string_below_min_length", "model")]
    [InlineData("""{"input":5}""", "invalid_type", "input")]
    [InlineData("""{"input":{}}""", "invalid_type", "input")]
    [InlineData("""{"input":"x","instructions":["y"]}""", "invalid_type", "instructions")]
    [InlineData("""{"input":"x","store":"true"}""", "invalid_type", "store")]
    [InlineData("""{"input":"x","stream":1}""", "invalid_type", "stream")]
    [InlineData("""{"input":"x","background":"no"}""", "invalid_type", "background")]
    [InlineData("""{"input":"x","final":"true"}""", "invalid_type", "final")]
    [InlineData("""{"input":"x","final":1}""", "invalid_type", "final")]
    [InlineData("""{"input":"x","previous_response_id":7}""", "invalid_type", "previous_response_id")]
    [InlineData("""{"input":"x","metadata":[]}""", "invalid_type", "metadata")]
    [InlineData("""{"input":"x","metadata":{"a":1}}""", "invalid_type", "metadata.a")]
    [InlineData("""{"input":"x","include":"x"}""", "invalid_type", "include")]
    [InlineData("""{"input":"x","include":[null]}""", "invalid_type", "include[0]")]
    [InlineData("""{"input":"x","reasoning":"high"}""", "invalid_type", "reasoning")]
    [InlineData("""{"input":"x","text":{"format":"json"}}""", "invalid_type", "text.format")]
    [InlineData("""{"input":"x","text":{"format":{"type":"json_schema","name":"n","schema":true}}}""",
        "invalid_type", "text.format.schema")]
    [InlineData("""{"input":"x","prompt_cache_options":{"prewarm":"yes"}}""", "invalid_type", "prompt_cache_options.prewarm")]
    // Numbers.
    [InlineData("""{"input":"x","max_output_tokens":15}""", "integer_below_min_value", "max_output_tokens")]
    [InlineData("""{"input":"x","max_output_tokens":-99999999999999999999999}""", "integer_below_min_value", "max_output_tokens")]
    [InlineData("""{"input":"x","max_output_tokens":99999999999}""", "integer_above_max_value", "max_output_tokens")]
    [InlineData("""{"input":"x","max_output_tokens":99999999999999999999999}""", "integer_above_max_value", "max_output_tokens")]
    [InlineData("""{"input":"x","max_output_tokens":1e999}""", "invalid_type", "max_output_tokens")]
    [InlineData("""{"input":"x","max_output_tokens":16.5}""", "invalid_type", "max_output_tokens")]
    [InlineData("""{"input":"x","max_output_tokens":"16"}""", "invalid_type", "max_output_tokens")]
    [InlineData("""{"input":"x","max_tool_calls":0}""", "integer_below_min_value", "max_tool_calls")]
    [InlineData("""{"input":"x","temperature":2.1}""", "decimal_above_max_value", "temperature")]
    [InlineData("""{"input":"x","temperature":-0.1}""", "decimal_below_min_value", "temperature")]
    [InlineData("""{"input":"x","temperature":1e999}""", "decimal_above_max_value", "temperature")]
    [InlineData("""{"input":"x","temperature":-1e999}""", "decimal_below_min_value", "temperature")]
    [InlineData("""{"input":"x","temperature":"1"}""", "invalid_type", "temperature")]
    [InlineData("""{"input":"x","top_p":1.5}""", "decimal_above_max_value", "top_p")]
    [InlineData("""{"input":"x","min_p":-1}""", "decimal_below_min_value", "min_p")]
    [InlineData("""{"input":"x","top_k":-1}""", "integer_below_min_value", "top_k")]
    [InlineData("""{"input":"x","top_logprobs":21}""", "integer_above_max_value", "top_logprobs")]
    [InlineData("""{"input":"x","presence_penalty":3}""", "decimal_above_max_value", "presence_penalty")]
    [InlineData("""{"input":"x","frequency_penalty":-3}""", "decimal_below_min_value", "frequency_penalty")]
    // Words.
    [InlineData("""{"input":"x","truncation":"some"}""", "invalid_value", "truncation")]
    [InlineData("""{"input":"x","include":["everything"]}""", "invalid_value", "include[0]")]
    [InlineData("""{"input":"x","reasoning":{"effort":"huge"}}""", "invalid_value", "reasoning.effort")]
    [InlineData("""{"input":"x","reasoning":{"summary":"long"}}""", "invalid_value", "reasoning.summary")]
    [InlineData("""{"input":"x","text":{"verbosity":"loud"}}""", "invalid_value", "text.verbosity")]
    [InlineData("""{"input":"x","text":{"format":{"type":"xml"}}}""", "invalid_value", "text.format.type")]
    [InlineData("""{"input":"x","text":{"format":{}}}""", "missing_required_parameter", "text.format.type")]
    [InlineData("""{"input":"x","text":{"format":{"type":"json_schema","schema":{}}}}""",
        "missing_required_parameter", "text.format.name")]
    [InlineData("""{"input":"x","text":{"format":{"type":"json_schema","name":"n"}}}""",
        "missing_required_parameter", "text.format.schema")]
    // Items.
    [InlineData("""{"input":[5]}""", "invalid_type", "input[0]")]
    [InlineData("""{"input":[{}]}""", "missing_required_parameter", "input[0].type")]
    [InlineData("""{"input":[{"type":5}]}""", "invalid_type", "input[0].type")]
    [InlineData("""{"input":[{"role":"user"}]}""", "missing_required_parameter", "input[0].content")]
    [InlineData("""{"input":[{"content":"x"}]}""", "missing_required_parameter", "input[0].role")]
    [InlineData("""{"input":[{"role":"tool","content":"x"}]}""", "invalid_value", "input[0].role")]
    [InlineData("""{"input":[{"role":"user","content":7}]}""", "invalid_type", "input[0].content")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":7}]}]}""",
        "invalid_type", "input[0].content[1].text")]
    [InlineData("""{"input":[{"role":"user","content":[{"text":"a"}]}]}""", "missing_required_parameter", "input[0].content[0].type")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_text"}]}]}""",
        "missing_required_parameter", "input[0].content[0].text")]
    [InlineData("""{"input":[{"role":"user","content":["a"]}]}""", "invalid_type", "input[0].content[0]")]
    [InlineData("""{"input":[{"role":"assistant","content":[{"type":"refusal"}]}]}""",
        "missing_required_parameter", "input[0].content[0].refusal")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_image"}]}]}""",
        "missing_required_parameter", "input[0].content[0].image_url")]
    [InlineData("""{"input":[{"type":"function_call","name":"f","arguments":"{}"}]}""", "missing_required_parameter", "input[0].call_id")]
    [InlineData("""{"input":[{"type":"function_call","call_id":"c","arguments":"{}"}]}""", "missing_required_parameter", "input[0].name")]
    [InlineData("""{"input":[{"type":"function_call","call_id":"c","name":"f"}]}""", "missing_required_parameter", "input[0].arguments")]
    [InlineData("""{"input":[{"type":"function_call","call_id":"c","name":"f","arguments":{}}]}""", "invalid_type", "input[0].arguments")]
    [InlineData("""{"input":[{"type":"function_call_output","output":"x"}]}""", "missing_required_parameter", "input[0].call_id")]
    [InlineData("""{"input":[{"type":"function_call_output","call_id":"","output":"x"}]}""",
        "string_below_min_length", "input[0].call_id")]
    [InlineData("""{"input":[{"type":"function_call_output","call_id":"c"}]}""", "missing_required_parameter", "input[0].output")]
    [InlineData("""{"input":[{"type":"function_call_output","call_id":"c","output":{}}]}""", "invalid_type", "input[0].output")]
    [InlineData("""{"input":[{"type":"custom_tool_call","call_id":"c","name":"f"}]}""", "missing_required_parameter", "input[0].input")]
    [InlineData("""{"input":[{"type":"item_reference"}]}""", "missing_required_parameter", "input[0].id")]
    [InlineData("""{"input":[{"type":"compaction"}]}""", "missing_required_parameter", "input[0].encrypted_content")]
    [InlineData("""{"input":[{"type":"additional_tools"}]}""", "missing_required_parameter", "input[0].tools")]
    [InlineData("""{"input":[{"type":"reasoning","summary":"x"}]}""", "invalid_type", "input[0].summary")]
    // Tools.
    [InlineData("""{"input":"x","tools":{}}""", "invalid_type", "tools")]
    [InlineData("""{"input":"x","tools":[{"name":"f"}]}""", "missing_required_parameter", "tools[0].type")]
    [InlineData("""{"input":"x","tools":[{"type":"function","function":{"name":"f"}}]}""", "missing_required_parameter", "tools[0].name")]
    [InlineData("""{"input":"x","tools":[{"type":"function","name":"f","parameters":[]}]}""", "invalid_type", "tools[0].parameters")]
    [InlineData("""{"input":"x","tools":[{"type":"function","name":"f","strict":"no"}]}""", "invalid_type", "tools[0].strict")]
    [InlineData("""{"input":"x","tools":[{"type":"namespace","name":"n"}]}""", "missing_required_parameter", "tools[0].tools")]
    [InlineData("""{"input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}]}""",
        "missing_required_parameter", "tools[0].tools[0].name")]
    [InlineData("""{"input":"x","tools":[{"type":"custom","name":"c","format":{"type":"grammar","syntax":1}}]}""",
        "invalid_type", "tools[0].format.syntax")]
    [InlineData("""{"input":"x","tool_choice":"maybe"}""", "invalid_value", "tool_choice")]
    [InlineData("""{"input":"x","tool_choice":7}""", "invalid_type", "tool_choice")]
    [InlineData("""{"input":"x","tool_choice":{"type":"function"}}""", "missing_required_parameter", "tool_choice.name")]
    [InlineData("""{"input":"x","tool_choice":{"type":"allowed_tools"}}""", "missing_required_parameter", "tool_choice.tools")]
    [InlineData("""{"input":"x","tool_choice":{"type":"allowed_tools","mode":"none","tools":[]}}""", "invalid_value", "tool_choice.mode")]
    [InlineData("""{"input":"x","tool_choice":{"type":"allowed_tools","tools":[{"type":"custom"}]}}""",
        "missing_required_parameter", "tool_choice.tools[0].name")]
    public void Violation_NamesItsField(string json, string code, string? param)
    {
        var error = Refused(Samples.Utf8(json));
        Assert.Equal((code, param), (error.Kind.Code, error.Param));
        Assert.Equal(400, error.Kind.Status);
        Assert.DoesNotContain("{0}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_HaveTheFormsThatClientsMatchOn()
    {
        Assert.Equal("Missing required parameter: 'input'.", Refused("{}"u8.ToArray()).Message);
        var limits = ProtocolLimits.Default with { TextCharsMax = 3 };
        var json = """{"input":[{"type":"function_call","call_id":"c","name":"f","arguments":"1234"}]}""";
        var error = Refused(Samples.Utf8(json), limits);
        Assert.Equal(
            "Invalid 'input[0].arguments': string too long. " +
            "Expected a string with maximum length 3, but got a string with length 4 instead.",
            error.Message);
    }

    [Theory]
    [InlineData("""{"input":["1","2","3"]}""", "invalid_type", "input[0]")]
    [InlineData("""{"input":[{"role":"user","content":""},{"role":"user","content":""},{"role":"user","content":""}]}""",
        "array_above_max_length", "input")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"a"},{"type":"a"},{"type":"a"}]}]}""",
        "array_above_max_length", "input[0].content")]
    [InlineData("""{"input":"x","tools":[{"type":"mcp"},{"type":"mcp"},{"type":"mcp"}]}""", "array_above_max_length", "tools")]
    [InlineData("""{"input":"x","include":["reasoning.encrypted_content","reasoning.encrypted_content","reasoning.encrypted_content"]}""",
        "array_above_max_length", "include")]
    [InlineData("""{"input":"123456"}""", "string_above_max_length", "input")]
    [InlineData("""{"input":"x","model":"123456"}""", "string_above_max_length", "model")]
    [InlineData("""{"input":"x","metadata":{"a":"1","b":"2","c":"3"}}""", "object_above_max_properties", "metadata")]
    [InlineData("""{"input":"x","metadata":{"abcdef":"1"}}""", "property_name_above_max_length", "metadata")]
    [InlineData("""{"input":"x","metadata":{"a":"123456"}}""", "string_above_max_length", "metadata.a")]
    [InlineData("""{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}""", "object_above_max_properties", null)]
    public void Limits_AreHeld(string json, string code, string? param)
    {
        var limits = new ProtocolLimits
        {
            InputItemsMax = 2, PartsMax = 2, ToolsMax = 2, IncludeMax = 2, TextCharsMax = 5, NameCharsMax = 5, FieldsMax = 5,
            MetadataPairsMax = 2, MetadataKeyCharsMax = 5, MetadataValueCharsMax = 5,
        };
        var error = Refused(Samples.Utf8(json),
            limits with { NameCharsMax = json.Contains("include", StringComparison.Ordinal) ? 99 : 5 });
        Assert.Equal((code, param), (error.Kind.Code, error.Param));
    }

    [Fact]
    public void Characters_AreCountedAsTheProtocolDoes_NotAsUtf16Does()
    {
        var limits = new ProtocolLimits { TextCharsMax = 3, NameCharsMax = 3, MetadataKeyCharsMax = 3, MetadataValueCharsMax = 3 };
        var three = string.Concat(Enumerable.Repeat("😀", 3));
        foreach (var text in (string[])[three, three.Replace("😀", "\\ud83d\\ude00", StringComparison.Ordinal)])
        {
            var json = $$$"""{"input":"{{{text}}}","model":"{{{text}}}","metadata":{"{{{text}}}":"{{{text}}}"}}""";
            CreateRequestReader.Read(Samples.Utf8(json), CreateRequestOrigin.Http, limits);
        }
        foreach (var json in (string[])[$$$"""{"input":"{{{three}}}4"}""", $$$"""{"input":"x","metadata":{"a":"{{{three}}}4"}}""",
            $$$"""{"input":"x","metadata":{"{{{three}}}4":"a"}}"""])
            Assert.Contains("length 4 ", Refused(Samples.Utf8(json), limits).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Size_Depth_AndEncoding_AreChecked()
    {
        var large = Refused(new byte[11], new ProtocolLimits { FrameBytesMax = 10 });
        Assert.Equal(("request_too_large", 413), (large.Kind.Code, large.Kind.Status));
        var deep = $$"""{"input":"x","x":{{new string('[', 100)}}{{new string(']', 100)}}}""";
        Assert.Equal("json_too_deep", Refused(Samples.Utf8(deep)).Kind.Code);
        Assert.Equal("json_too_deep", Refused(Samples.Utf8("{\"x\":" + new string('[', 100_000))).Kind.Code);
        Assert.Equal("invalid_json", Refused([.. "{\"input\":\""u8, 0xC3, 0x28, .. "\"}"u8]).Kind.Code);
        Assert.Equal("invalid_json", Refused([.. "{\"input\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8]).Kind.Code); // a half pair in UTF-8
    }

    [Fact]
    public void LongQuotes_AreCut()
    {
        var error = Refused(Samples.Utf8($$"""{"input":"x","truncation":"{{new string('y', 100_000)}}"}"""));
        Assert.True(error.Message.Length < 400, error.Message);
        var field = Refused(Samples.Utf8($$"""{"{{new string('z', 9999)}}":1,"{{new string('z', 9999)}}":1}"""));
        Assert.True(field.Param!.Length < 400);
    }

    private static ApiException Refused(byte[] json, ProtocolLimits? limits = null) =>
        Assert.Throws<ApiException>(() => CreateRequestReader.Read(json, CreateRequestOrigin.Http, limits ?? ProtocolLimits.Default));
}
