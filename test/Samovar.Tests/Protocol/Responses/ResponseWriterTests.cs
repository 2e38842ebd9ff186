using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Protocol.Responses;

public sealed class ResponseWriterTests
{
    /// <summary>The object that satisfies the OpenAI SDKs, Codex and Open Responses at once.</summary>
    public const string Minimal = """
        {"id":"resp_1","object":"response","created_at":1764967971,"completed_at":null,"status":"in_progress",
         "error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":"m","output":[],
         "parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},
         "store":false,"background":false,"service_tier":"default","access_programs":null,"temperature":1,"top_p":1,
         "presence_penalty":0,"frequency_penalty":0,"top_logprobs":0,"text":{"format":{"type":"text"}},
         "tool_choice":"auto","tools":[],"truncation":"disabled","max_output_tokens":null,"max_tool_calls":null,
         "prompt_cache_key":null,"safety_identifier":null,"user":null,"usage":null}
        """;

    [Fact]
    public void MinimalResponse_IsTheReferences() => Samples.SameJson(Minimal, ResponseWriter.Bytes(Samples.Response()));

    [Fact]
    public void EverySetting_IsEchoed()
    {
        var response = Samples.Response(ResponseStatus.Completed, """
            {"model":"x","input":"hi","instructions":"i","temperature":0.25,"top_p":0.5,"presence_penalty":1,"frequency_penalty":-1,
             "top_logprobs":2,
             "reasoning":{"effort":"low","summary":"auto"},"truncation":"auto","parallel_tool_calls":false,"max_tool_calls":2,
              "max_output_tokens":99,
             "prompt_cache_key":"k","safety_identifier":"s","user":"u","metadata":{"a":"b"},"service_tier":"auto",
              "previous_response_id":"resp_0",
             "tool_choice":{"type":"function","name":"f"},"text":{"verbosity":"low","format":{"type":"json_schema","name":"n",
              "schema":{"type":"object"}}},
             "tools":[{"type":"function","name":"f"}]}
            """) with
        {
            CompletedAt = Samples.Created.AddSeconds(2.9),
            Usage = new Usage(10, 8, 3, 1) { CacheWriteTokens = 2 },
            CacheDiagnostics = new CacheDiagnostics.Miss(5, "tools_changed", 4),
            Output = [Samples.Item("""{"type":"acme:x", "odd" : [1 , 2]}""")],
        };
        Samples.SameJson("""
            {"id":"resp_1","object":"response","created_at":1764967971,"completed_at":1764967973,"status":"completed",
             "error":null,"incomplete_details":null,"instructions":"i","metadata":{"a":"b"},"model":"m","output":[{"type":"acme:x",
              "odd":[1,2]}],
             "parallel_tool_calls":false,"previous_response_id":"resp_0","reasoning":{"effort":"low","summary":"auto"},
             "store":true,"background":false,"service_tier":"default","access_programs":null,"temperature":0.25,"top_p":0.5,
             "presence_penalty":1,"frequency_penalty":-1,"top_logprobs":2,
             "text":{"format":{"type":"json_schema","name":"n","description":null,"schema":{"type":"object"},"strict":false},
              "verbosity":"low"},
             "tool_choice":{"type":"function","name":"f"},"tools":[{"type":"function","name":"f","description":null,"parameters":null,
              "strict":null}],
             "truncation":"auto","max_output_tokens":99,"max_tool_calls":2,"prompt_cache_key":"k","safety_identifier":"s","user":"u",
             "usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":8,"cache_write_tokens":2},"output_tokens":3,
                      "output_tokens_details":{"reasoning_tokens":1},"total_tokens":13},
             "prompt_cache_diagnostics":{"type":"cache_miss","cache_missed_tokens":5,"reason":"tools_changed",
              "comparison_reusable_tokens":4}}
            """, ResponseWriter.Bytes(response));
        Assert.Contains("""{"type":"acme:x", "odd" : [1 , 2]}""", new RawJson(ResponseWriter.Bytes(response)).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void CompletedAt_IsNull_UnlessCompleted()
    {
        var failed = Samples.Response(ResponseStatus.Failed) with
        {
            CompletedAt = Samples.Created,
            Error = new ResponseError("server_error", "m"),
        };
        var json = Samples.Element(ResponseWriter.Bytes(failed));
        Assert.Equal("null", json.GetProperty("completed_at").GetRawText());
        Assert.Equal("""{"code":"server_error","message":"m"}""", json.GetProperty("error").GetRawText());
        var incomplete = Samples.Response(ResponseStatus.Incomplete) with { IncompleteReason = "max_output_tokens" };
        json = Samples.Element(ResponseWriter.Bytes(incomplete));
        Assert.Equal("""{"reason":"max_output_tokens"}""", json.GetProperty("incomplete_details").GetRawText());
    }

    [Fact]
    public void SlimSnapshot_LeavesOut_InstructionsAndTools()
    {
        var response = Samples.Response(request: """
            {"model":"m","store":false,"input":"hi","instructions":"long","tools":[{"type":"function","name":"f"}]}
            """);
        Samples.SameJson(Minimal, ResponseWriter.Bytes(response, SnapshotKind.Slim));
    }

    [Theory]
    [InlineData("""[{"type":"function","name":"f","description":"d" ,"parameters":{},"strict":true}, {"type":"custom","name":"c"}]""",
        null)]
    [InlineData("""[{"type":"web_search"} ]""", null)]
    [InlineData("""[{"type":"function","name":"f","description":null,"parameters":null,"strict":null}]""", null)]
    [InlineData("""[{"strict":false,"name":"f","type":"function","parameters":{"a":[1, 2]}}]""",
        """[{"strict":false,"name":"f","type":"function","parameters":{"a":[1, 2]},"description":null}]""")]
    [InlineData("""[{"type":"function","name":"f","x":{"\ud83d":1},"\ud83d":2}]""",
        """[{"type":"function","name":"f","x":{"\ufffd":1},"\uFFFD":2,"description":null,"parameters":null,"strict":null}]""")]
    public void Tools_AreEchoed_ByteForByteOrFilled(string tools, string? expected)
    {
        var response = Samples.Response(request: $$"""{"model":"m","input":"x","tools":{{tools}}}""");
        var echoed = Samples.Element(ResponseWriter.Bytes(response)).GetProperty("tools").GetRawText();
        Assert.Equal(expected ?? tools, echoed.Replace("\uFFFD", "\\uFFFD", StringComparison.Ordinal));
    }

    [Fact]
    public void Written_ReadsBack()
    {
        var response = Samples.Response(ResponseStatus.Incomplete) with
        {
            PreviousResponseId = new ResponseId("resp_0"),
            IncompleteReason = "max_output_tokens",
            Usage = new Usage(10, 8, 3, 1) { CacheWriteTokens = 2 },
            Output = [ItemWriter.Message("msg_1", [new(PartKind.OutputText, "hi")], null, ItemStatus.Incomplete)],
        };
        Assert.True(ResponseReader.TryRead(ResponseWriter.Bytes(response), ProtocolLimits.Default, out var view));
        Assert.Equal((response.Id, response.Status, "m", response.PreviousResponseId),
            (view.Id!.Value, view.Status, view.Model, view.PreviousResponseId));
        Assert.Equal((response.Usage, "max_output_tokens", response.CreatedAt), (view.Usage, view.IncompleteReason, view.CreatedAt));
        Assert.Equal(response.Output[0].Json, Assert.Single(view.Output).Json);
        Assert.Null(view.Error);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    public void Reader_RefusesWhatIsNoResponse(string json) =>
        Assert.False(ResponseReader.TryRead(Samples.Utf8(json), ProtocolLimits.Default, out _));

    [Fact]
    public void Reader_PassesOver_WhatHasAnotherType()
    {
        var odd = """{"id":7,"status":"melted","usage":[],"output":{},"created_at":1e99,"error":"x","incomplete_details":3,"model":null}""";
        Assert.True(ResponseReader.TryRead(Samples.Utf8(odd), ProtocolLimits.Default, out var view));
        Assert.True(view is { Id: null, Status: null, Usage: null, HasOutput: false, CreatedAt: null, Error: null, Model: null });
    }
}
