using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Protocol.Requests;

public sealed class CreateRequestReaderTests
{
    [Fact]
    public void StringInput_IsOneUserMessage()
    {
        var request = Samples.Http("""{"model":"m","input":"hi \"you\""}""");
        var message = Assert.IsType<MessageItem>(Assert.Single(request.Input));
        Assert.Equal((Role.User, "hi \"you\""), (message.Role, Assert.IsType<ContentPart.Text>(Assert.Single(message.Content)).Value));
        Samples.SameJson("""{"type":"message","role":"user","content":[{"type":"input_text","text":"hi \"you\""}]}""", message.Json.Utf8);
        Assert.True(request.HasInput);
    }

    [Fact]
    public void Defaults_AreThePublicServices()
    {
        var request = Samples.Http("""{"model":"m","input":"x"}""");
        Assert.True(request is
        {
            Store: true, Stream: false, Generate: true, Tools: null, ToolChoice: ToolChoice.Auto, ParallelToolCalls: true,
            Temperature: null, TopP: null, MaxOutputTokens: null, Format: TextFormat.Plain, Verbosity: null, Include.Count: 0,
                TruncationAuto: false,
            PreviousResponseId: null, Instructions: null, Seed: null, TopK: null, MinP: null, Lane.IsDefault: true,
        });
        Assert.Equal(25, request.Bytes);
    }

    [Fact]
    public void Null_CountsAsAbsent_ForEveryOptionalField()
    {
        string[] names =
        [
            "instructions", "previous_response_id", "conversation", "store", "stream", "stream_options", "background", "tools",
            "tool_choice", "parallel_tool_calls", "max_tool_calls", "max_output_tokens", "temperature", "top_p", "min_p", "top_k", "seed",
            "presence_penalty", "frequency_penalty", "top_logprobs", "reasoning", "text", "include", "truncation", "context_management",
                "metadata", "prompt",
            "moderation", "multi_agent", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "service_tier",
            "safety_identifier", "user", "generate", "stream_id",
        ];
        var nulls = string.Join(",", names.Select(name => $"\"{name}\":null"));
        var utf8 = Samples.Utf8($$"""{"model":"m","input":"x",{{nulls}}}""");
        foreach (var origin in Enum.GetValues<CreateRequestOrigin>())
        {
            var request = CreateRequestReader.Read(utf8, origin, ProtocolLimits.Default);
            Assert.True(request is { Store: true, Generate: true, Tools: null, Metadata.IsEmpty: true, Lane.IsDefault: true });
        }
    }

    [Fact]
    public void EveryTypedField_IsRead()
    {
        var request = Samples.Http("""
            {"model":"m","input":[],"instructions":"i","store":false,"stream":true,"parallel_tool_calls":false,"max_tool_calls":3,
             "max_output_tokens":100,"temperature":0,"top_p":1,"min_p":0.5,"top_k":40,"seed":-7,"presence_penalty":-2,
              "frequency_penalty":2,
             "top_logprobs":20,"reasoning":{"effort":"xhigh","summary":"concise","context":"auto"},
             "text":{"verbosity":"high","format":{"type":"json_object"}},
             "include":["message.output_text.logprobs"],"truncation":"auto","metadata":{"a":"b"},
             "prompt_cache_key":"k","service_tier":"flex",
             "safety_identifier":"s","user":"u","prompt_cache_options":{"comparison_response_id":"resp_c","ttl":"30m"},
             "previous_response_id":"resp_p"}
            """);
        Assert.True(request is
        {
            Instructions: "i", Store: false, Stream: true, ParallelToolCalls: false, MaxToolCalls: 3, MaxOutputTokens: 100,
            Temperature: 0, TopP: 1, MinP: 0.5, TopK: 40, Seed: -7, PresencePenalty: -2, FrequencyPenalty: 2, TopLogprobs: 20,
                ReasoningEffort: "xhigh",
            ReasoningSummary: "concise", Verbosity: "high", Format: TextFormat.JsonObject, TruncationAuto: true, PromptCacheKey: "k",
            ServiceTier: "flex", SafetyIdentifier: "s", User: "u", CacheComparison.Value: "resp_c", PreviousResponseId.Value: "resp_p",
        });
        Assert.Equal("""{"a":"b"}""", request.Metadata.ToString());
        Assert.Equal(["message.output_text.logprobs"], request.Include);
    }

    [Fact]
    public void UnknownFields_AreKept_InOrderAndAsTheyCame()
    {
        var request = Samples.Http("""{ "zeta" : {"b": 1,"a":[ ]} ,"model":"m","input":"x","client_metadata":{"k":"v"}, "n" :1.50 }""");
        Assert.Equal(["zeta", "model", "input", "client_metadata", "n"], request.Fields.Select(field => field.Key));
        string[] values = ["""{"b": 1,"a":[ ]}""", "\"m\"", "\"x\"", """{"k":"v"}""", "1.50"];
        Assert.Equal(values, request.Fields.Select(field => field.Value.ToString()));
        Assert.True(request.Has("zeta"));
        Assert.False(request.Has("tools"));
    }

    [Fact]
    public void EscapedNames_AreTheSameNames()
    {
        var request = Samples.Http("""{"\u006dodel":"m","i\u006eput":"x","\ud83d":1}""");
        Assert.Equal("m", request.Model);
        Assert.Equal(["model", "input", "\uFFFD"], request.Fields.Select(field => field.Key));
    }

    [Fact]
    public void Prewarm_DoesNotGenerate_EvenOverHttp()
    {
        Assert.False(Samples.Http("""{"model":"m","prompt_cache_options":{"prewarm":true}}""").Generate);
        Assert.False(Samples.Socket("""{"model":"m","input":[],"generate":false}""").Generate);
        Assert.False(Samples.Socket("""{"model":"m","input":"x","generate":true,"prompt_cache_options":{"prewarm":true}}""").Generate);
    }

    [Fact]
    public void Stream_IsPassedOver_OnASocket()
    {
        Assert.False(Samples.Socket("""{"model":"m","stream":{"any":[1]},"stream_options":3,"input":"x"}""").Stream);
    }

    [Fact]
    public void StreamId_IsPassedOver_OverHttp() =>
        Assert.True(Samples.Http("""{"model":"m","input":"x","stream_id":" ?"}""").Lane.IsDefault);

    [Theory]
    [InlineData("\"none\"", typeof(ToolChoice.None))]
    [InlineData("\"auto\"", typeof(ToolChoice.Auto))]
    [InlineData("\"required\"", typeof(ToolChoice.Required))]
    [InlineData("""{"type":"function","name":"f"}""", typeof(ToolChoice.Named))]
    [InlineData("""{"name":"f","type":"custom"}""", typeof(ToolChoice.Named))]
    [InlineData("""{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]}""", typeof(ToolChoice.Allowed))]
    [InlineData("""{"type":"mcp","server_label":"s"}""", typeof(ToolChoice.Other))]
    [InlineData("""{"type":"apply_patch"}""", typeof(ToolChoice.Other))]
    public void ToolChoice_IsRead_AndKept(string json, Type expected)
    {
        var choice = Samples.Http($$"""{"model":"m","input":"x","tool_choice":{{json}}}""").ToolChoice;
        Assert.IsType(expected, choice);
        Assert.Equal(json, choice.Json.ToString());
        if (choice is ToolChoice.Named named) Assert.Equal("f", named.Name);
        if (choice is ToolChoice.Allowed allowed) Assert.Equal((true, "f"), (allowed.MustCall, Assert.Single(allowed.Tools).Name));
    }

    [Fact]
    public void Schema_IsRead()
    {
        var format = Assert.IsType<TextFormat.JsonSchema>(Samples.Socket(Samples.Lane).Format);
        Assert.Equal(("answer", true, null), (format.Name, format.Strict, format.Description));
        Assert.StartsWith("""{"type":"object","properties":""", format.Schema.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lane_And_Parent_AreRead()
    {
        var request = Samples.Socket(Samples.Lane);
        Assert.Equal((new LaneId("plan-1.a_b"), new ResponseId("resp_7")), (request.Lane, request.PreviousResponseId!.Value));
    }

    [Fact]
    public void HalfOfAnEmoji_DoesNotEndATurn()
    {
        var json = """{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":"cut \ud83d"}]}""";
        var output = Assert.IsType<FunctionCallOutputItem>(Samples.Http(json).Input[0]);
        Assert.Equal("cut \uFFFD", Assert.IsType<ContentPart.Text>(output.Output[0]).Value);
        Assert.EndsWith(@"""cut \ufffd""}", output.Json.ToString(), StringComparison.Ordinal); // whoever gets it next can read it
    }

    [Fact]
    public void Slices_ShareTheMemoryHandedIn()
    {
        var utf8 = Samples.Utf8("""{"model":"m","input":[{"role":"user","content":"before"}]}""");
        var request = CreateRequestReader.Read(utf8, CreateRequestOrigin.Http, ProtocolLimits.Default);
        var own = request.Input[0].Json.Copy();
        Encoding.UTF8.GetBytes("behind").CopyTo(utf8, Encoding.UTF8.GetString(utf8).IndexOf("before", StringComparison.Ordinal));
        Assert.Contains("behind", request.Input[0].Json.ToString(), StringComparison.Ordinal);
        Assert.Contains("before", own.ToString(), StringComparison.Ordinal);
    }
}
