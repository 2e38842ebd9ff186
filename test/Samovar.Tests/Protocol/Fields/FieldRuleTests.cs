using Samovar.Protocol.Chat;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;

namespace Samovar.Tests.Protocol.Fields;

/// <summary>What holds between fields, and what a right value becomes.</summary>
public sealed class FieldRuleTests
{
    private const string Said = """ "messages":[{"role":"user","content":"x"}] """;

    [Theory]
    [InlineData("responses", """ "input":"x","tools":[{"type":"function","name":"f"},{"type":"custom","name":"f"}] """,
        "invalid_value", "tools[1].name")]
    [InlineData("responses", """
        "input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"},{"type":"function","name":"f"}]}]
        """, "invalid_value", "tools[0].tools[1].name")]
    [InlineData("responses", """
        "input":"x","tools":[{"type":"namespace","name":"n","tools":[]},{"type":"namespace","name":"n","tools":[]}]
        """, "invalid_value", "tools[1].name")]
    [InlineData("responses", """
        "input":[{"type":"additional_tools","tools":[{"type":"function","name":"a b"}]}]
        """, "invalid_value", "input[0].tools[0].name")]
    [InlineData("responses", """ "input":"x","tools":[{"type":"nonsense"}] """, "invalid_value", "tools[0].type")]
    [InlineData("responses", """ "input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"nonsense"}]}] """,
        "invalid_value", "tools[0].tools[0].type")]
    [InlineData("responses", """ "input":"x","tools":[{"type":"web_search_20250305"}] """, null, null)]
    [InlineData("responses", """ "input":"x","tools":[{"type":"web_search_2025"}] """, "invalid_value", "tools[0].type")]
    [InlineData("responses", """ "input":"x","tools":[{"type":":x"}] """, "invalid_value", "tools[0].type")]
    [InlineData("responses", """ "input":"x","stream_options":{} """, "invalid_value", "stream_options")]
    [InlineData("responses", """ "input":"x","stream":false,"stream_options":{"include_obfuscation":false} """,
        "invalid_value", "stream_options")]
    [InlineData("responses", """ "input":"x","reasoning":{"summary":"auto","generate_summary":"long"} """,
        "invalid_value", "reasoning.generate_summary")]
    [InlineData("responses", """ "input":"x","tools":[{"type":"custom","name":"f","format":{"type":"grammar","syntax":"lark"}}] """,
        "missing_required_parameter", "tools[0].format.definition")]
    [InlineData("chat", """ "tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"f"}}] """,
        "invalid_value", "tools[1].custom.name")]
    [InlineData("chat", """ "tools":[{"type":"nonsense"}] """, "unsupported_value", "tools[0].type")]
    [InlineData("chat", """ "top_logprobs":2 """, "invalid_value", "top_logprobs")]
    [InlineData("chat", """ "logprobs":false,"top_logprobs":2 """, "invalid_value", "top_logprobs")]
    [InlineData("chat", """ "stream_options":{"include_usage":true} """, "invalid_value", "stream_options")]
    [InlineData("chat", """ "max_completion_tokens":5,"max_tokens":"x" """, "invalid_type", "max_tokens")]
    [InlineData("chat", """ "max_tokens":0,"max_completion_tokens":5 """, "integer_below_min_value", "max_tokens")]
    [InlineData("chat", """ "moderation":{"model":"m"} """, "unsupported_parameter", "moderation")]
    [InlineData("chat", """ "response_format":{"type":"json_schema","json_schema":{"name":"a.b","schema":{}}} """,
        "invalid_value", "response_format.json_schema.name")]
    [InlineData("chat", """ "tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar"}}}] """,
        "missing_required_parameter", "tools[0].custom.format.grammar")]
    [InlineData("messages", """ "tools":[{"name":"f","input_schema":{}},{"name":"f","input_schema":{}}] """,
        "invalid_value", "tools.1.name")]
    [InlineData("messages", """ "tools":[{"type":"nonsense","name":"f"}] """, "unsupported_value", "tools.0.type")]
    [InlineData("messages", """ "tools":[{"type":"nonsense_20250101","name":"f"}] """, "unsupported_value", "tools.0.type")]
    [InlineData("messages", """ "tools":[{"type":"bash","name":"f"}] """, "unsupported_value", "tools.0.type")]
    [InlineData("responses", """ "input":"x","tools":[{"type":"bash_2025_01_24"}] """, "invalid_value", "tools[0].type")]
    [InlineData("messages", """ "messages":[{"role":"user","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]}] """,
        "invalid_value", "messages.0.content.0.type")]
    [InlineData("messages", """ "messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"thinking","thinking":"x"}]}] """,
        "invalid_value", "messages.0.content.1.type")]
    [InlineData("messages", """ "messages":[{"role":"system","content":[{"type":"redacted_thinking","data":"x"}]}] """,
        "invalid_value", "messages.0.content.0.type")]
    [InlineData("messages", """ "system":[{"type":"text","text":"x"},{"type":"tool_use","id":"c","name":"f","input":{}}] """,
        "invalid_value", "system.1.type")]
    [InlineData("messages", """ "stop_sequences":"x" """, "invalid_type", "stop_sequences")]
    [InlineData("messages", """ "max_tokens":"x" """, "invalid_type", "max_tokens")]
    public void RuleBetweenFields_IsHeld(string api, string fields, string? code, string? param)
    {
        var error = Refused(api, fields);
        Assert.Equal((code, param), (error?.Kind.Code, error?.Param));
        Assert.True(error is null || param == "tools[0].type" || error.Message.Contains(param!, StringComparison.Ordinal)
            || error.Kind.Code is "invalid_value", error?.Message);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("namespace")]
    public void WrongToolInANamespace_IsRefused_WithTheKindsThatMayBeThere(string type)
    {
        var message = Refused("responses", $$""" "input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"{{type}}"}]}] """)!
            .Message;
        var kinds = message.Replace($"'{type}'", "", StringComparison.Ordinal); // the one that was sent
        Assert.Contains("'custom'", kinds, StringComparison.Ordinal);
        Assert.DoesNotContain("'namespace'", kinds, StringComparison.Ordinal);
        Assert.Equal(type == "namespace" ? 1 : 0, message.Split("'namespace'").Length - 1);
    }

    [Theory]
    [InlineData("responses", """ "input":"x","tools":[{"type":"function","name":"n"},{"type":"namespace","name":"n","tools":[]}] """)]
    [InlineData("responses", """
        "input":"x","tools":[{"type":"namespace","name":"a","tools":[{"type":"function","name":"f"}]},
        {"type":"namespace","name":"b","tools":[{"type":"function","name":"f"}]},{"type":"function","name":"f"}]
        """)]
    [InlineData("responses", """
        "input":"x","tools":[{"type":"web_search_2025_08_26"},{"type":"web_search_preview_2025_03_11"},{"type":"acme:search"},
        {"type":"tool_search"},{"type":"local_shell"},{"type":"mcp","server_label":"s"},{"type":"mcp","server_label":"t"}]
        """)]
    [InlineData("responses", """ "input":"x","tool_choice":{"type":"web_search_preview"} """)]
    [InlineData("responses", """ "input":"x","stream":true,"stream_options":{"include_obfuscation":false} """)]
    [InlineData("chat", """ "top_logprobs":0 """)]
    [InlineData("chat", """ "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false} """)]
    [InlineData("chat", """ "tools":[{"type":"custom","custom":{"name":"f","format":{"type":"text"}}}] """)]
    [InlineData("messages", """ "context_management":{"edits":[]},"betas":["x"],"speed":"fast" """)]
    [InlineData("messages", """ "thinking":{"type":"adaptive","display":"updates"} """)]
    [InlineData("messages", """ "thinking":{"type":"enabled","budget_tokens":1024,"display":"updates"} """)]
    public void WhatClientsSend_IsTaken(string api, string fields) => Assert.Null(Refused(api, fields));

    [Theory]
    [InlineData("advisor_20260301")]
    [InlineData("bash_20250124")]
    [InlineData("browser_toolset_20260801")]
    [InlineData("code_execution_20250825")]
    [InlineData("computer_20251124")]
    [InlineData("mcp_toolset")]
    [InlineData("memory_20250818")]
    [InlineData("text_editor_20250728")]
    [InlineData("tool_search_tool_bm25_20251119")]
    [InlineData("tool_search_tool_regex")]
    [InlineData("web_fetch_20250910")]
    [InlineData("web_search_20260318")]
    public void ToolsThatAProviderOfMessagesKnows_AreTaken_WhicheverApiNamesThem(string type)
    {
        Assert.Null(Refused("messages", $$""" "tools":[{"type":"{{type}}","name":"f"}] """));
        Assert.Null(Refused("responses", $$""" "input":"x","tools":[{"type":"{{type}}","name":"f"}] """));
    }

    [Fact]
    public void StreamOptions_OnASocket_AskForNothingButPadding()
    {
        Assert.NotNull(Samples.Socket("""{"model":"m","input":"x","stream_options":{"include_obfuscation":false}}"""));
        var error = Assert.Throws<ApiException>(() =>
            Samples.Socket("""{"model":"m","input":"x","stream_options":{"include_obfuscation":true}}"""));
        Assert.Equal(("unsupported_parameter", "stream_options.include_obfuscation"), (error.Kind.Code, error.Param));
    }

    [Fact]
    public void FastTier_IsShownAsPriority_AndGoesOnAsItCame()
    {
        var request = Samples.Http("""{"input":"x","service_tier":"fast"}""");
        Assert.Equal("priority", request.ServiceTier);
        Assert.Equal("\"fast\"", request.Fields.Single(field => field.Key == "service_tier").Value.ToString());
        Assert.Equal("flex", Samples.Http("""{"input":"x","service_tier":"flex"}""").ServiceTier);
        Assert.Null(Samples.Http("""{"input":"x","service_tier":null}""").ServiceTier);
    }

    [Theory]
    [InlineData("auto", "auto")]
    [InlineData("standard_only", "default")]
    public void TierOfMessages_IsOneOfOurs(string theirs, string ours) =>
        Assert.Equal(ours, Read("messages", $"\"service_tier\":\"{theirs}\"").Request.ServiceTier);

    /// <summary>Agents put a user, an account and a session into it.</summary>
    [Fact]
    public void LongUser_IsKept_AndIsADigestForOtherProtocols()
    {
        var user = "user_" + new string('a', 64) + "_account__session_1";
        var field = "\"metadata\":{\"user_id\":\"" + user + "\"}";
        var request = Read("messages", field).Request;
        Assert.Equal(user, request.MessagesUser);
        Assert.Matches("^[0-9a-f]{64}$", request.SafetyIdentifier);
        Assert.Equal(request.SafetyIdentifier, Read("messages", field).Request.SafetyIdentifier);
        Assert.Equal("short", Read("messages", """ "metadata":{"user_id":"short"} """).Request.SafetyIdentifier);
    }

    /// <summary>An upstream's own words are not held to the rules for clients: its item stays what it is.</summary>
    [Theory]
    [InlineData("""{"type":"message","role":"assistant","phase":"musing","content":[{"type":"output_text","text":"x"}]}""",
        typeof(MessageItem))]
    [InlineData("""{"type":"additional_tools","tools":[{"type":"nonsense"},{"type":"function","name":"a.b"}]}""",
        typeof(AdditionalToolsItem))]
    public void OddItemOfAnUpstream_IsStillReadAsItsKind(string json, Type kind) =>
        Assert.IsType(kind, ItemReader.ReadOrKeep(RawJson.Of(json), ProtocolLimits.Default));

    [Fact]
    public void LogitBias_IsReadByToken_WithinItsBounds()
    {
        Assert.Equal(new Dictionary<int, float> { [50256] = -100, [7] = 1.5f },
            Read("chat", """ "logit_bias":{"50256":-100,"7":1.5} """).Request.LogitBias);
        Assert.Null(Read("chat", """ "logit_bias":{} """).Request.LogitBias);
        var limits = ProtocolLimits.Default with { BiasesMax = 2 };
        var error = Assert.Throws<ApiException>(() => ChatRequestReader.Read(
            Samples.Utf8("{" + Said + ""","logit_bias":{"1":1,"2":1,"3":1}}"""), limits));
        Assert.Equal(("object_above_max_properties", "logit_bias"), (error.Kind.Code, error.Param));
        foreach (var (bias, param) in new[] { ("{\"1\":null}", "logit_bias.1"), ("{\"1\":1,\"1\":2}", "logit_bias.1"),
            ("{\"-1\":1}", "logit_bias"), ("{\"1.5\":1}", "logit_bias") })
            Assert.Equal(param, Refused("chat", $"\"logit_bias\":{bias}")?.Param);
    }

    private static ApiException? Refused(string api, string fields)
    {
        try
        {
            if (api == "responses") Samples.Http("{" + fields + "}");
            else Read(api, fields);
            return null;
        }
        catch (ApiException error)
        {
            return error;
        }
    }

    private static TranslatedRequest Read(string api, string fields)
    {
        var said = fields.Contains("\"messages\"", StringComparison.Ordinal) ? "" : Said + ",";
        var utf8 = Samples.Utf8("{" + said + fields + "}");
        return api == "chat" ? ChatRequestReader.Read(utf8, ProtocolLimits.Default)
            : MessagesRequestReader.Read(utf8, ProtocolLimits.Default);
    }
}
