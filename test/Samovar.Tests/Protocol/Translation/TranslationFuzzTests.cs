using System.Text.Json;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Translation;
using Samovar.Tests.Protocol.Frames;

namespace Samovar.Tests.Protocol.Translation;

/// <summary>Requests that clients, networks and attackers spoil: an error that names a field of theirs, or whole items.</summary>
public sealed class TranslationFuzzTests
{
    private const int RequestsCount = 20_000;

    private const string Chat = """
        {"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"U"},
         {"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"low"}}]},{"role":"assistant","content":"b",
         "reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},
         {"id":"c2","type":"custom","custom":{"name":"g","input":"x"}}]},{"role":"tool","tool_call_id":"c1","content":"1"},
         {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"2"}]}],"max_tokens":5,"temperature":0.5,"stream":true,
         "stream_options":{"include_usage":true},"reasoning_effort":"low","logprobs":true,"top_logprobs":3,"seed":1,"stop":null,
         "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}},"tools":[{"type":"function",
         "function":{"name":"f","parameters":{"type":"object"}}},{"type":"custom","custom":{"name":"g"}}],"tool_choice":{"type":
         "allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}},"metadata":{"a":"b"}}
        """;

    private const string Messages = """
        {"model":"m","max_tokens":5,"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user",
         "content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}]},
         {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"R"},
         {"type":"text","text":"b"},{"type":"tool_use","id":"c1","name":"f","input":{"x":1}}]},{"role":"user","content":[{"type":
         "tool_result","tool_use_id":"c1","is_error":false,"content":[{"type":"text","text":"2"}]},{"type":"text","text":"go"}]}],
         "stream":true,"temperature":0.5,"top_k":4,"metadata":{"user_id":"u"},"thinking":{"type":"enabled","budget_tokens":8192},
         "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"f"},
         "output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}}}
        """;

    // Short ones stay whole more often.
    private static readonly byte[][] Short =
    [
        Samples.Utf8("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"""),
        Samples.Utf8("""{"x":{"y":[1,2,3]},"messages":[{"role":"user","content":[{"type":"text","text":"a","z":null}]}],"n":null}"""),
    ];

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public void MutatedRequests_GiveItems_OrAnErrorOfTheCatalogue(string protocol)
    {
        Func<ReadOnlyMemory<byte>, ProtocolLimits, TranslatedRequest> read =
            protocol == "chat" ? ChatRequestReader.Read : MessagesRequestReader.Read;
        var mutation = new FrameMutation(new Random(4711), [Samples.Utf8(protocol == "chat" ? Chat : Messages), .. Short]);
        var codes = new HashSet<string>(StringComparer.Ordinal);
        var taken = 0;
        for (var i = 0; i < RequestsCount; i++)
        {
            var bytes = mutation.Next();
            try
            {
                if (Taken(read, bytes) is { } code) codes.Add(code);
                else taken++;
            }
            catch (Exception odd)
            {
                Assert.Fail($"request {i}: {odd}\n{Convert.ToBase64String(bytes)}");
            }
        }
        Assert.InRange(taken, RequestsCount / 50, RequestsCount / 2); // a long request rarely stays whole
        Assert.True(codes.Count >= 8, string.Join(' ', codes));
    }

    /// <summary>Null, or the code of the error.</summary>
    private static string? Taken(Func<ReadOnlyMemory<byte>, ProtocolLimits, TranslatedRequest> read, byte[] bytes)
    {
        try
        {
            foreach (var item in read(bytes, ProtocolLimits.Default).Request.Input)
                Assert.Equivalent(ItemReader.Read(item.Json.Utf8, ProtocolLimits.Default), item, strict: true);
            return null;
        }
        catch (ApiException refused)
        {
            Assert.False(refused.Param?.StartsWith("input", StringComparison.Ordinal) == true, refused.Param);
            using var body = JsonDocument.Parse(MessagesErrorBody.Bytes(refused, "req_1"));
            Assert.NotEmpty(body.RootElement.GetProperty("error").GetProperty("message").GetString()!);
            return refused.Kind.Code;
        }
    }
}
