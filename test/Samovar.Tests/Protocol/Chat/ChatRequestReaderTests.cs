using Samovar.Protocol.Chat;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;

namespace Samovar.Tests.Protocol.Chat;

public sealed class ChatRequestReaderTests
{
    [Fact]
    public void EveryRole_BecomesItems_InTheOrderThatTheModelMadeThem()
    {
        var request = Read("""
            {"model":"m","messages":[
             {"role":"system","content":"S"},{"role":"developer","content":[{"type":"text","text":"D"}],"name":"n"},
             {"role":"user","content":[{"type":"text","text":"U"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"low"}},
              {"type":"file","file":{"filename":"f.pdf","file_data":"data:application/pdf;base64,BB"}}]},
             {"role":"assistant","content":null,"reasoning_content":"hm","refusal":null,"tool_calls":[
              {"id":"c1","type":"function","function":{"name":"f","arguments":"{ \"a\" : 1}"}},
              {"id":"c2","type":"custom","custom":{"name":"g","input":"x\ny"}}]},
             {"role":"tool","tool_call_id":"c1","content":"1"},
             {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"2"},{"type":"text","text":"3"}]},
             {"role":"assistant","content":"said","refusal":"no"}]}
            """);
        string[] expected =
        [
            """{"type":"message","role":"system","content":[{"type":"input_text","text":"S"}]}""",
            """{"type":"message","role":"developer","name":"n","content":[{"type":"input_text","text":"D"}]}""",
            """{"type":"message","role":"user","content":[{"type":"input_text","text":"U"},"""
                + """{"type":"input_image","image_url":"data:image/png;base64,AA","detail":"low"},"""
                + """{"type":"input_file","filename":"f.pdf","file_data":"data:application/pdf;base64,BB"}]}""",
            """{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}""",
            """{"type":"function_call","call_id":"c1","name":"f","arguments":"{ \"a\" : 1}"}""",
            """{"type":"custom_tool_call","call_id":"c2","name":"g","input":"x\ny"}""",
            """{"type":"function_call_output","call_id":"c1","output":"1"}""",
            """{"type":"custom_tool_call_output","call_id":"c2","output":["""
                + """{"type":"input_text","text":"2"},{"type":"input_text","text":"3"}]}""",
            """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"said","annotations":[],"logprobs":[]},"""
                + """{"type":"refusal","refusal":"no"}]}""",
        ];
        Assert.Equal(expected, request.Input.Select(item => item.Json.ToString()));
        foreach (var item in request.Input) // the typed view is the one that the reader of items has of these bytes
            Assert.Equivalent(ItemReader.Read(item.Json.Utf8, ProtocolLimits.Default), item, strict: true);
    }

    [Theory]
    [InlineData("""{"content":""}""")]
    [InlineData("""{"content":null}""")]
    [InlineData("""{}""")]
    public void CallWithoutWords_IsACallAlone(string said)
    {
        var message = said[..^1] + (said.Length > 2 ? "," : "") + """
            "role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}
            """;
        Assert.IsType<FunctionCallItem>(Assert.Single(Read($$"""{"messages":[{{message}}]}""").Input));
    }

    [Theory]
    [InlineData(""" "content":"" """)]
    [InlineData(""" "content":null """)]
    [InlineData(""" "content":[] """)]
    [InlineData(""" "content":null,"refusal":null,"reasoning_details":[{"type":"reasoning.text","text":"hm"}] """)]
    [InlineData(""" "name":"a" """)]
    public void AssistantThatSaysNothing_IsAnEmptyMessage(string said)
    {
        var request = Read("{\"messages\":[{\"role\":\"assistant\"," + said + "},{\"role\":\"user\",\"content\":\"x\"}]}");
        Assert.Equal("", Assert.IsType<ContentPart.Text>(Assert.Single(Assert.IsType<MessageItem>(request.Input[0]).Content)).Value);
    }

    [Fact]
    public void Settings_AreThoseOfACreateRequest()
    {
        var request = Read("""
            {"model":"m","messages":[{"role":"user","content":"x"}],"stream":true,"max_completion_tokens":1,"max_tokens":9,
             "temperature":0.5,"top_p":0.9,
             "seed":7,"presence_penalty":1,"frequency_penalty":-1,"logprobs":true,"top_logprobs":2,"parallel_tool_calls":false,
             "reasoning_effort":"low","verbosity":"high","prompt_cache_key":"k","user":"u","safety_identifier":"s","service_tier":"flex",
             "metadata":{"a":"b"},"n":1,"modalities":["text"],
             "stop":["a","\n"],"functions":null,"logit_bias":{"5":1},"instructions":"not ours",
             "response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}},
             "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type" : "object"},"strict":true}},
              {"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: /x/"}}}}],
             "tool_choice":{"type":"allowed_tools",
              "allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}}
            """);
        Assert.Equal(("m", true, false, 1, 0.5, 0.9, 7L), (request.Model, request.Stream, request.Store, request.MaxOutputTokens,
            request.Temperature, request.TopP, request.Seed));
        Assert.Equal((1, -1, 2), (request.PresencePenalty, request.FrequencyPenalty, request.TopLogprobs));
        Assert.False(request.ParallelToolCalls);
        Assert.Equal(("low", "high", "k", "u", "s", "flex"), (request.ReasoningEffort, request.Verbosity, request.PromptCacheKey,
            request.User, request.SafetyIdentifier, request.ServiceTier));
        Assert.Equal(["a", "\n"], request.Stop);
        Assert.Equal("message.output_text.logprobs", Assert.Single(request.Include));
        Assert.Equal("""{"a":"b"}""", request.Metadata.ToString());
        Assert.Equal(new TextFormat.JsonSchema("n", RawJson.Of("""{"type":"object"}"""), true, null), request.Format);
        Assert.Null(request.Instructions);
        Assert.True(request.Has("logit_bias")); // for upstreams that know it
        Assert.Equal(
            """[{"type":"function","name":"f","description":"d","parameters":{"type" : "object"},"strict":true},"""
            + """{"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"start: /x/"}}]""",
            request.Tools!.Json.ToString());
        var allowed = Assert.IsType<ToolChoice.Allowed>(request.ToolChoice);
        Assert.Equal((true, "f"), (allowed.MustCall, Assert.Single(allowed.Tools).Name));
    }

    [Theory]
    [InlineData("""{"effort":"high"}""", "high")]
    [InlineData("""{"effort":"high","exclude":true,"summary":"auto"}""", "high")]
    [InlineData("""{"max_tokens":2000}""", "low")]
    [InlineData("""{"max_tokens":16384,"enabled":true}""", "high")]
    [InlineData("""{"enabled":false,"effort":"high"}""", "none")]
    [InlineData("""{"enabled":true}""", "medium")]
    [InlineData("""{"enabled":null,"effort":null}""", null)]
    [InlineData("""{}""", null)]
    [InlineData("""null""", null)]
    [InlineData("""{"effort":"high"},"reasoning_effort":"low" """, "low")]
    [InlineData("""{"effort":"high"},"reasoning_effort":null""", "high")]
    public void ReasoningOfRouters_IsAnEffort(string reasoning, string? effort)
    {
        var request = Read("""{"messages":[{"role":"user","content":"x"}],"reasoning":""" + reasoning + "}");
        Assert.Equal(effort, request.ReasoningEffort);
        Assert.Equal(effort is null ? "" : $$"""{"effort":"{{effort}}"}""", request.Field("reasoning").ToString());
    }

    [Theory]
    [InlineData("\"none\"", typeof(ToolChoice.None))]
    [InlineData("\"auto\"", typeof(ToolChoice.Auto))]
    [InlineData("\"required\"", typeof(ToolChoice.Required))]
    [InlineData("""{"type":"function","function":{"name":"f"}}""", typeof(ToolChoice.Named))]
    [InlineData("""{"type":"custom","custom":{"name":"g"}}""", typeof(ToolChoice.Named))]
    public void ToolChoice_IsReadInAllItsForms(string choice, Type expected) =>
        Assert.IsType(expected, Read($$"""{"messages":[{"role":"user","content":"x"}],"tool_choice":{{choice}}}""").ToolChoice);

    [Theory]
    [InlineData("""{"model":"m"}""", "missing_required_parameter", "messages")]
    [InlineData("""{"messages":[]}""", "empty_array", "messages")]
    [InlineData("""{"messages":"x"}""", "invalid_type", "messages")]
    [InlineData("""{"messages":[{"content":"x"}]}""", "missing_required_parameter", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"function","content":"x"}]}""", "invalid_value", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "missing_required_parameter", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}""",
        "unsupported_value", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":5}]}]}""", "invalid_type", "messages[0].content[0].text")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "missing_required_parameter", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"tool","tool_call_id":"c"}]}""", "missing_required_parameter", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f"}}]}]}""",
        "missing_required_parameter", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":""}}]}]}""",
        "missing_required_parameter", "messages[0].tool_calls[0].id")]
    [InlineData("""{X,"n":2}""", "integer_above_max_value", "n")]
    [InlineData("""{X,"temperature":"hot"}""", "invalid_type", "temperature")]
    [InlineData("""{X,"max_tokens":0}""", "integer_below_min_value", "max_tokens")]
    [InlineData("""{X,"max_completion_tokens":0}""", "integer_below_min_value", "max_completion_tokens")]
    [InlineData("""{X,"reasoning_effort":"huge"}""", "invalid_value", "reasoning_effort")]
    [InlineData("""{X,"verbosity":"huge"}""", "invalid_value", "verbosity")]
    [InlineData("""{X,"stop":[""]}""", "string_below_min_length", "stop[0]")]
    [InlineData("""{X,"audio":{"voice":"x"}}""", "unsupported_parameter", "audio")]
    [InlineData("""{X,"functions":[{"name":"f"}]}""", "unsupported_parameter", "functions")]
    [InlineData("""{X,"modalities":["text","audio"]}""", "invalid_value", "modalities[1]")]
    [InlineData("""{X,"response_format":{"type":"xml"}}""", "invalid_value", "response_format.type")]
    [InlineData("""{X,"response_format":{"type":"json_schema"}}""", "missing_required_parameter", "response_format.json_schema")]
    [InlineData("""{X,"response_format":{"type":"json_schema","json_schema":{"name":"n"}}}""",
        "missing_required_parameter", "response_format.json_schema.schema")]
    [InlineData("""{X,"tools":[{"type":"function"}]}""", "missing_required_parameter", "tools[0].function")]
    [InlineData("""{X,"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{}}]}""",
        "missing_required_parameter", "tools[1].function.name")]
    [InlineData("""{X,"tools":[{"type":"function","function":{"name":"f","parameters":5}}]}""",
        "invalid_type", "tools[0].function.parameters")]
    [InlineData("""{X,"tools":[{"type":"web_search"}]}""", "unsupported_value", "tools[0].type")]
    [InlineData("""{X,"tool_choice":{"type":"function","function":{}}}""", "missing_required_parameter", "tool_choice.function.name")]
    [InlineData("""{X,"tool_choice":"some"}""", "invalid_value", "tool_choice")]
    [InlineData("""{X,"tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[]}}}""",
        "empty_array", "tool_choice.allowed_tools.tools")]
    [InlineData("""{"messages":[{"role":"user","content":"x","name":5}]}""", "invalid_type", "messages[0].name")]
    [InlineData("""{X,"x":1,"x":2}""", "duplicate_parameter", "x")]
    [InlineData("""{X,"model":"m","model":"m"}""", "duplicate_parameter", "model")]
    [InlineData("""{"messages":""", "invalid_json", null)]
    public void WrongRequest_NamesItsOwnField(string json, string code, string? param)
    {
        var error = Assert.Throws<ApiException>(() => Read(json.Replace("X", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]",
            StringComparison.Ordinal)));
        Assert.Equal((code, param), (error.Kind.Code, error.Param));
    }

    [Theory]
    [InlineData("""{"role":"user","content":"x","name":"ann"},{"role":"user","content":"y","name":"bob"}""", true)]
    [InlineData("""{"role":"user","content":"x","name":""},{"role":"user","content":"y","name":null}""", false)]
    public void NamesOfMessages_StayWithThem_AndAreNamedAsLeftOut(string messages, bool isNamed)
    {
        var request = Read("{\"messages\":[" + messages + "]}");
        Assert.Equal(isNamed ? ["ann", "bob"] : [null, null],
            request.Input.Select(static item => InputItems.SpeakerOf(Assert.IsType<MessageItem>(item))));
        Assert.All(request.Input.OfType<MessageItem>(), static message =>
            Assert.DoesNotContain("\"name\"", InputItems.WithoutSpeaker(message).Json.ToString(), StringComparison.Ordinal));
        Assert.Equal(isNamed ? ["messages[].name"] : [],
            FieldReport.LeftOut(request, 0, static (uses, _) => uses.Embedded == Samovar.Protocol.Fields.FieldUse.Named));
    }

    [Theory]
    [InlineData("input", "messages")]
    [InlineData("input[0]", "messages[0]")]
    [InlineData("input[2].content[1]", "messages[1].content[1]")]
    [InlineData("input[3].arguments", "messages[1].tool_calls[0]")]
    [InlineData("input[4].output[0]", "messages[2].content[0]")]
    [InlineData("tools[3].parameters.properties.a", "tools[3].function.parameters.properties.a")]
    [InlineData("text.format.schema.properties.a", "response_format.json_schema.schema.properties.a")]
    [InlineData("model", "model")]
    public void FaultFoundLater_IsReportedAsTheClientsField(string ours, string theirs)
    {
        var read = ChatRequestReader.Read(Samples.Utf8("""
            {"messages":[{"role":"user","content":"x"},{"role":"assistant","reasoning":"r","content":[{"type":"text","text":"a"},
             {"type":"text","text":"b"}],"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"c","content":"1"}]}
            """), ProtocolLimits.Default);
        Assert.Equal(theirs, read.Places.Theirs(ours));
        Assert.Equal(theirs, read.Places.Explain(new ApiException(Samovar.Protocol.Errors.Errors.UnsupportedValue, "{x}", ours)).Param);
    }

    [Theory]
    [InlineData("""{"role":"user","content":"u"}""", false)]
    [InlineData("""{"role":"assistant","content":"a"}""", true)]
    [InlineData("""{"role":"assistant","content":[{"type":"text","text":"a "}]}""", true)]
    [InlineData("""{"role":"assistant","content":"a"},{"role":"user","content":"u"}""", false)]
    [InlineData("""{"role":"assistant","content":""}""", false)]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}""", false)]
    public void LastMessageOfTheAssistant_BeginsTheAnswer(string last, bool begins) => Assert.Equal(begins, Read(
        "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}," + last + "]}").ContinuesAnswer);

    private static CreateRequest Read(string json) => ChatRequestReader.Read(Samples.Utf8(json), ProtocolLimits.Default).Request;
}
