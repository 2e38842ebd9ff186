using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Protocol.Messages;

public sealed class MessagesRequestReaderTests
{
    [Fact]
    public void EveryBlock_BecomesItems_InItsPlace()
    {
        var request = Read("""
            {"model":"m","max_tokens":1,"messages":[
             {"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},
              {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}]},
             {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"sig"},{"type":"redacted_thinking","data":"R"},
              {"type":"text","text":"b"},{"type":"tool_use","id":"c1","name":"f","input":{ "x" : 1.0 }},
              {"type":"tool_use","id":"c2","name":"g","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"1"},
              {"type":"tool_result","tool_use_id":"c2","is_error":true,"content":[{"type":"text","text":"2"},
               {"type":"image","source":{"type":"url","url":"https://x/y"}}]},{"type":"text","text":"go on"}]}],
             "system":[{"type":"text","text":"S1"},{"type":"text","text":"S2","cache_control":{"type":"ephemeral"}}]}
            """);
        string[] expected =
        [
            """{"type":"message","role":"system","content":[{"type":"input_text","text":"S1"}]}""",
            """{"type":"message","role":"system","content":[{"type":"input_text","text":"S2"}]}""",
            """{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},"""
                + """{"type":"input_image","image_url":"data:image/png;base64,AA"}]}""",
            """{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}],"""
                + "\"encrypted_content\":\"anthropic-signature:sig\"}",
            """{"type":"reasoning","summary":[],"content":[],"encrypted_content":"anthropic-redacted:R"}""",
            """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"b","annotations":[],"logprobs":[]}]}""",
            """{"type":"function_call","call_id":"c1","name":"f","arguments":"{ \"x\" : 1.0 }"}""",
            """{"type":"function_call","call_id":"c2","name":"g","arguments":"{}"}""",
            """{"type":"function_call_output","call_id":"c1","output":"1"}""",
            """{"type":"function_call_output","call_id":"c2","status":"incomplete","output":[{"type":"input_text","text":"2"},"""
                + """{"type":"input_image","image_url":"https://x/y"}]}""",
            """{"type":"message","role":"user","content":[{"type":"input_text","text":"go on"}]}""",
        ];
        Assert.Equal(expected, request.Input.Select(item => item.Json.ToString()));
        foreach (var item in request.Input) Assert.Equivalent(ItemReader.Read(item.Json.Utf8, ProtocolLimits.Default), item, strict: true);
    }

    /// <summary>What an answer may have is taken back; nothing else is any deeper for it.</summary>
    [Theory]
    [InlineData("""{"type":"tool_use","id":"c","name":"f","input":{"a":#}}""", 499, 500)]
    [InlineData("""{"type":"server_tool_use","id":"c","name":"f","input":#}""", 78, 79)]
    [InlineData("""{"type":"tool_use","id":"c","name":"f","input":{},"more":#}""", 58, 60)]
    [InlineData("""{"type":"tool_use","id":"c","name":"f","input":{"a":[]}}],"more":[#""", 58, 60)]
    public void BlockOfTheAssistant_IsAsDeepAsAnAnswersMayBe(string block, int deepest, int tooDeep)
    {
        var asked = (int levels) => Read("""{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":["""
            + block.Replace("#", new string('[', levels) + new string(']', levels), StringComparison.Ordinal) + "]}]}",
            ProtocolLimits.Default.ForRequests());
        Assert.Equal(2, asked(deepest).Input.Count);
        Assert.Equal("json_too_deep", Assert.Throws<ApiException>(() => asked(tooDeep)).Kind.Code);
    }

    [Fact]
    public void Settings_AreThoseOfACreateRequest()
    {
        var request = Read("""
            {"model":"m","max_tokens":9000,"system":"S","messages":[{"role":"user","content":"x"}],"stream":true,
             "temperature":0.5,"top_p":0.9,"top_k":4,"stop_sequences":["z"],"metadata":{"user_id":"u"},
             "thinking":{"type":"enabled","budget_tokens":8192},"betas":["x"],
             "tools":[{"name":"f","description":"d","input_schema":{"type" : "object"},"cache_control":{"type":"ephemeral"}}],
             "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true}}
            """);
        Assert.Equal(("m", 9000, true, false, 0.5, 0.9, 4), (request.Model, request.MaxOutputTokens, request.Stream, request.Store,
            request.Temperature, request.TopP, request.TopK));
        Assert.Equal("z", Assert.Single(request.Stop));
        Assert.Equal(("u", "medium", false), (request.SafetyIdentifier, request.ReasoningEffort, request.ParallelToolCalls));
        Assert.Equal("""[{"type":"function","name":"f","description":"d","parameters":{"type" : "object"}}]""",
            request.Tools!.Json.ToString());
        Assert.Equal("f", Assert.IsType<ToolChoice.Named>(request.ToolChoice).Name);
        Assert.Equal(Role.System, Assert.IsType<MessageItem>(request.Input[0]).Role);
    }

    [Fact]
    public void HowToolsAreHandled_StandsBesideThem()
    {
        const string said = """ "defer_loading":true,"allowed_callers":["direct"],"input_examples":[{"x":1}]""" +
            ""","eager_input_streaming":true """;
        var request = Read("{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":[{\"name\":\"f\",\"input_schema\":{}," + said
            + "},{\"name\":\"g\",\"input_schema\":{},\"defer_loading\":false,\"input_examples\":[]}]}");
        Assert.Equal("""[{"type":"function","name":"f","parameters":{}},{"type":"function","name":"g","parameters":{}}]""",
            request.Tools!.Json.ToString());
        Assert.Equal("{\"f\":{" + said.Trim() + "}}", request.MessagesTools.ToString());
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("null")]
    public void SystemPromptThatSaysNothing_IsNoItem(string system) =>
        Assert.Single(Read($$"""{"system":{{system}},"messages":[{"role":"user","content":"x"}]}""").Input);

    [Theory]
    [InlineData("auto", typeof(ToolChoice.Auto))]
    [InlineData("any", typeof(ToolChoice.Required))]
    [InlineData("none", typeof(ToolChoice.None))]
    public void ToolChoice_IsReadInAllItsForms(string type, Type expected) => Assert.IsType(expected,
        Read($$$"""{"messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"{{{type}}}"}}""").ToolChoice);

    [Theory]
    [InlineData("""{"type":"disabled"}""", "none")]
    [InlineData("""{"type":"between_tools"}""", "none")]
    [InlineData("""{"type":"adaptive"}""", null)]
    [InlineData("""{"type":"enabled","budget_tokens":1024}""", "low")]
    [InlineData("""{"type":"enabled","budget_tokens":16384}""", "high")]
    [InlineData("""{"type":"enabled","budget_tokens":60000}""", "xhigh")]
    public void Thinking_IsAnEffort(string thinking, string? effort) => Assert.Equal(effort,
        Read($$"""{"messages":[{"role":"user","content":"x"}],"thinking":{{thinking}}}""").ReasoningEffort);

    [Theory]
    [InlineData("\"stream\":true", null, null, null)]
    [InlineData("""
        "thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"max"}
        """, "adaptive", "summarized", "max")]
    [InlineData("\"thinking\":{\"type\":\"between_tools\"}", "between_tools", null, null)]
    public void WhatTheClientSaysOfThinking_IsKeptForUpstreamsOfItsApi(string fields, string? type, string? display, string? effort) =>
        Assert.Equal(new MessagesThinking(type, display, effort),
            Read($$"""{"messages":[{"role":"user","content":"x"}],{{fields}}}""").MessagesThinking);

    [Theory]
    [InlineData("""{"type":"enabled","budget_tokens":2047},"max_tokens":2048""")]
    [InlineData("""{"type":"enabled","budget_tokens":4096},"max_tokens":2048""")] // of a whole turn with calls, where thoughts interleave
    [InlineData("""{"type":"enabled","budget_tokens":2048},"max_tokens":0""")] // only warms
    [InlineData("""{"type":"disabled","budget_tokens":2048},"max_tokens":2048""")]
    public void ThinkingBudget_IsAccepted_WhateverTheAnswerMayHave(string fields) =>
        Read("{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"thinking\":" + fields + "}");

    [Theory]
    [InlineData("""{"role":"user","content":[{"type":"redacted_thinking","data":"x"}]}""", "redacted_thinking")]
    [InlineData("""{"role":"user","content":[{"type":"thinking","thinking":"x","signature":"s"}]}""", "thinking")]
    [InlineData("""
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[{"type":"redacted_thinking","data":"x"}]}]}
        """, "redacted_thinking")]
    public void ThoughtInTheWrongPlace_IsCalledByItsName(string message, string kind)
    {
        var error = Assert.Throws<ApiException>(() => Read("{\"messages\":[" + message + "]}"));
        Assert.Contains($"'{kind}'", error.Message.Split("Supported")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void OlderNameOfTheFormat_MeansTheSame_AndTheNewerCounts()
    {
        const string Said = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],", Schema = """{"type":"object"}""";
        const string Format = "{\"type\":\"json_schema\",\"schema\":" + Schema + "}";
        var newer = Read(Said + "\"output_config\":{\"format\":" + Format + "}}");
        var older = Read(Said + "\"output_format\":" + Format + "}");
        Assert.Equal(new TextFormat.JsonSchema("output", RawJson.Of(Schema), true, null), older.Format);
        Assert.Equal((newer.Format, newer.Field("text")), (older.Format, older.Field("text")));
        const string Other = """ "output_format":{"type":"json_schema","schema":{}} """;
        Assert.Equal(newer.Format, Read(Said + Other + ",\"output_config\":{\"format\":" + Format + "}}").Format);
        Assert.Equal(newer.Format, Read(Said + "\"output_config\":{\"format\":" + Format + "}," + Other + "}").Format);
        Assert.Equal(newer.Format, Read(Said + "\"output_format\":null,\"output_config\":{\"format\":" + Format + "}}").Format);
    }

    [Fact]
    public void ThinkingThatIsOff_StaysOff_WhateverTheEffort() => Assert.Equal("none", Read(
        """{"messages":[{"role":"user","content":"x"}],"thinking":{"type":"disabled"},"output_config":{"effort":"high"}}""")
        .ReasoningEffort);

    [Theory]
    [InlineData("""{"model":"m"}""", "missing_required_parameter", "messages")]
    [InlineData("""{"messages":[]}""", "empty_array", "messages")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "invalid_value", "messages.0.role")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", "invalid_type", "messages.0.content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"audio"}]}]}""", "unsupported_value", "messages.0.content.0.type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_result"}]}]}""",
        "missing_required_parameter", "messages.0.content.0.tool_use_id")]
    [InlineData("""
        {"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[{"type":"thinking","thinking":""}]}]}]}
        """, "unsupported_value", "messages.0.content.0.content.0")]
    [InlineData("""{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":"x"}]}]}""",
        "invalid_type", "messages.0.content.0.input")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"A"}}]}]}""",
        "missing_required_parameter", "messages.0.content.0.source.media_type")]
    [InlineData("""{X,"max_tokens":-1}""", "integer_below_min_value", "max_tokens")]
    [InlineData("""{X,"system":[{"type":"text"}]}""", "missing_required_parameter", "system.0.text")]
    [InlineData("""{X,"temperature":"hot"}""", "invalid_type", "temperature")]
    [InlineData("""{X,"tools":[{"name":"f"}]}""", "missing_required_parameter", "tools.0.input_schema")]
    [InlineData("""{X,"tools":[{"type":"bash","name":"bash"}]}""", "unsupported_value", "tools.0.type")]
    [InlineData("""{X,"tools":[{"name":5,"input_schema":{}}]}""", "invalid_type", "tools.0.name")]
    [InlineData("""{X,"tools":[{"name":"f","input_schema":5}]}""", "invalid_type", "tools.0.input_schema")]
    [InlineData("""{X,"tools":[{"name":"f","input_schema":{},"defer_loading":1}]}""", "invalid_type", "tools.0.defer_loading")]
    [InlineData("""{X,"tools":[{"name":"f","input_schema":{},"input_examples":[5]}]}""", "invalid_type", "tools.0.input_examples.0")]
    [InlineData("""{X,"tool_choice":{"type":"some"}}""", "invalid_value", "tool_choice.type")]
    [InlineData("""{X,"tool_choice":{"type":"tool"}}""", "missing_required_parameter", "tool_choice.name")]
    [InlineData("""{X,"thinking":{"type":"enabled"}}""", "missing_required_parameter", "thinking.budget_tokens")]
    [InlineData("""{X,"stop_sequences":[5]}""", "invalid_type", "stop_sequences.0")]
    [InlineData("""{X,"mcp_servers":{"url":"x"}}""", "invalid_type", "mcp_servers")]
    [InlineData("""{X,"container":5}""", "invalid_type", "container")]
    [InlineData("""{X,"later":1,"later":2}""", "duplicate_parameter", "later")]
    [InlineData("""{X,"metadata":{"user_id":5}}""", "invalid_type", "metadata.user_id")]
    [InlineData("""{X,"max_tokens":1,"max_tokens":1}""", "duplicate_parameter", "max_tokens")]
    public void WrongRequest_NamesItsOwnField(string json, string code, string? param)
    {
        var error = Assert.Throws<ApiException>(() => Read(json.Replace("X", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]",
            StringComparison.Ordinal)));
        Assert.Equal((code, param), (error.Kind.Code, error.Param));
    }

    [Theory]
    [InlineData("container", "\"c_1\"", true)]
    [InlineData("container", "null", false)]
    [InlineData("mcp_servers", """[{"url":"x"}]""", true)]
    [InlineData("mcp_servers", "[]", false)]
    [InlineData("inference_geo", "\"us\"", true)]
    [InlineData("inference_geo", "\"global\"", false)]
    [InlineData("speed", "\"fast\"", false)]
    [InlineData("later", "{}", false)]
    [InlineData("store", "true", false)]
    public void WhatOnlyAProviderDoes_IsRefusedByTheEngine_WhereItWouldSilentlyNotHappen(string field, string value, bool isRefused)
    {
        var request = Read($$"""{"messages":[{"role":"user","content":"x"}],"{{field}}":{{value}}}""");
        var error = Record.Exception(() => FieldReport.Refuse(request, static uses => uses.Embedded)) as ApiException;
        Assert.Equal(isRefused ? ("unsupported_parameter", field) : (null, null), (error?.Kind.Code, error?.Param));
        Assert.False(request.Store); // a field of the other API is none of this one
        Assert.Equal(field == "speed" ? [field] : [],
            FieldReport.LeftOut(request, 0, static (uses, _) => uses.Embedded == Samovar.Protocol.Fields.FieldUse.Named));
    }

    [Fact]
    public void SettingsOfEngines_MeanWhatTheyMeanElsewhere()
    {
        var request = Read("""
            {"messages":[{"role":"user","content":"x"}],"min_p":0.1,"seed":4,"presence_penalty":1,"frequency_penalty":-1}
            """);
        Assert.Equal((0.1, 4L, 1.0, -1.0), (request.MinP, request.Seed, request.PresencePenalty, request.FrequencyPenalty));
    }

    [Theory]
    [InlineData("input[0].content[0]", "system[0]")]
    [InlineData("input[1].content[1]", "messages[0].content[1]")]
    [InlineData("input[3].output[1]", "messages[2].content[0].content[1]")]
    [InlineData("input[4].content[1]", "messages[2].content[2]")]
    [InlineData("tools[2].parameters.a", "tools[2].input_schema.a")]
    public void FaultFoundLater_IsReportedAsTheClientsField(string ours, string theirs)
    {
        var read = MessagesRequestReader.Read(Samples.Utf8("""
            {"system":[{"type":"text","text":"S"}],"messages":[
             {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
             {"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},
             {"role":"user","content":[
              {"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"1"},{"type":"text","text":"2"}]},
              {"type":"text","text":"d"},{"type":"text","text":"e"}]}]}
            """), ProtocolLimits.Default);
        Assert.Equal(theirs, read.Places.Theirs(ours));
    }

    [Theory]
    [InlineData("""{"role":"user","content":"u"}""", false)]
    [InlineData("""{"role":"assistant","content":"a"}""", true)]
    [InlineData("""{"role":"assistant","content":[{"type":"text","text":"a "}]}""", true)]
    [InlineData("""{"role":"assistant","content":"a"},{"role":"user","content":"u"}""", false)]
    [InlineData("""{"role":"assistant","content":""}""", false)]
    [InlineData("""{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]}""", false)]
    public void LastMessageOfTheAssistant_BeginsTheAnswer(string last, bool begins) => Assert.Equal(begins, Read(
        "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}," + last + "]}").ContinuesAnswer);

    private static CreateRequest Read(string json, ProtocolLimits? limits = null) =>
        MessagesRequestReader.Read(Samples.Utf8(json), limits ?? ProtocolLimits.Default).Request;
}
