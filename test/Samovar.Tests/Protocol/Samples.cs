using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Protocol;

/// <summary>Frames in the shapes that real clients send, and small responses to write.</summary>
internal static class Samples
{
    /// <summary>Codex with a model it does not know: tools in every frame, a namespace among them.</summary>
    public const string CodexPrewarm = """
        {"type":"response.create","model":"stub-model","stream":true,"input":[{"type":"message","id":"msg_0f9b","role":"developer",
         "content":[{"type":"input_text","text":"You are a coding agent."}]}],"tools":[{"type":"function","name":"exec_command",
         "description":"Runs a command.","strict":false,"parameters":{"type":"object","properties":{"cmd":{"type":"string"},
         "yield_time_ms":{"type":"number"}},"required":["cmd"],"additionalProperties":false}},{"type":"web_search",
         "external_web_access":false},{"type":"namespace","name":"multi_agent","description":"Sub-agents.","tools":[{"type":"function",
         "name":"spawn","description":"Starts one.","strict":false,"parameters":{"type":"object","properties":{}}}]}],
         "tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"effort":"medium","summary":"auto"},"store":false,
         "include":["reasoning.encrypted_content"],"prompt_cache_key":"01a1f85b-59d0-7000-8000-000000000001","generate":false,
         "client_metadata":{"x-codex-window-id":"t:0","thread_id":"t","x-codex-turn-metadata":"{\"request_kind\":\"prewarm\"}"}}
        """;

    /// <summary>Codex with a catalogue model: a grammar tool, verbosity, a delta of one tool output.</summary>
    public const string CodexDelta = """
        {"type":"response.create","model":"gpt-5.5","stream":true,"previous_response_id":"resp_1",
         "input":[{"type":"function_call_output","id":"fco_1","call_id":"call_1",
         "output":"Chunk ID: 7\nWall time: 0.1\nProcess exited with code 0\nOutput:\nhi\n"}],"tools":[{"type":"custom",
         "name":"apply_patch","description":"Edits files.","format":{"type":"grammar","syntax":"lark",
         "definition":"start: \"*** Begin Patch\""}},{"type":"tool_search"}],"tool_choice":"auto","parallel_tool_calls":false,
         "reasoning":{"effort":"low"},"store":false,"include":["reasoning.encrypted_content"],"prompt_cache_key":"k",
         "text":{"verbosity":"low"},"client_metadata":{"session_id":"s"}}
        """;

    /// <summary>Codex's lite shape: tools as an input item, array-valued outputs of a custom tool.</summary>
    public const string CodexLite = """
        {"type":"response.create","model":"gpt-6.1-sol","stream":true,"input":[{"type":"additional_tools","role":"developer",
         "tools":[{"type":"namespace","name":"functions","description":"","tools":[{"type":"custom","name":"exec","description":"Code.",
         "format":{"type":"grammar","syntax":"lark","definition":"start: /.+/"}}]}]},{"type":"message","role":"user",
         "content":[{"type":"input_text","text":"go"}]},{"type":"reasoning","id":"rs_1","summary":[],"content":null,
         "encrypted_content":"gAAA"},{"type":"custom_tool_call","id":"ctc_1","status":"completed","call_id":"call_9","name":"exec",
         "namespace":"functions","input":"print(1)"},{"type":"custom_tool_call_output","call_id":"call_9",
         "output":[{"type":"input_text","text":"1"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"}]}],
         "tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"effort":"high","context":"all_turns"},"store":false,
         "include":["reasoning.encrypted_content"],"prompt_cache_key":"k",
         "client_metadata":{"ws_request_header_x_openai_internal_codex_responses_lite":"true"}}
        """;

    /// <summary>Agents SDK: short messages, the type at the end.</summary>
    public const string Agents = """
        {"model":"m","instructions":"Be short.","input":[{"role":"user","content":"What is 2+2?"},{"type":"function_call","id":"fc_1",
         "call_id":"call_1","name":"add","arguments":"{\"a\":2,\"b\":2}","status":"completed"},{"type":"function_call_output",
         "call_id":"call_1","output":"4"}],"include":[],"tools":[{"type":"function","name":"add","description":"Adds.",
         "parameters":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}}},"strict":true}],"stream":true,
         "type":"response.create"}
        """;

    /// <summary>AI SDK: earlier answers as references.</summary>
    public const string AiSdk = """
        {"model":"m","input":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"input_text","text":"hi"}]},
         {"type":"item_reference","id":"msg_1"},{"type":"function_call","call_id":"call_1","name":"f","arguments":"{}"},
         {"type":"function_call_output","call_id":"call_1","output":"{\"ok\":true}"}],"tools":[{"type":"function","name":"f",
         "description":"d","parameters":{"type":"object","properties":{}}}],"tool_choice":"auto","stream":true}
        """;

    /// <summary>pi: instructions first, a delta later.</summary>
    public const string Pi = """
        {"type":"response.create","model":"m","store":false,"stream":true,"instructions":"You are pi.","input":[{"role":"user",
         "content":[{"type":"input_text","text":"hi"}]}],"text":{"verbosity":"medium"},"include":["reasoning.encrypted_content"],
         "prompt_cache_key":"sess","tool_choice":"auto","parallel_tool_calls":true,"tools":[{"type":"function","name":"bash",
         "description":"d","parameters":{"type":"object"},"strict":null}],"reasoning":{"effort":"medium","summary":"auto"}}
        """;

    /// <summary>A named lane, a fork, an output schema.</summary>
    public const string Lane = """
        {"type":"response.create","stream_id":"plan-1.a_b","model":"m","previous_response_id":"resp_7","input":"go",
         "text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object","properties":{"a":{"type":"integer"}}},
         "strict":true}},"max_output_tokens":16,"temperature":0.25,"top_p":0.5,"metadata":{"k":"v"}}
        """;

    public const string Bare = """{"input":[{"type":"function_call_output","call_id":"call_1","output":"4"}]}""";
    public const string Cancel = """{"type":"response.cancel","stream_id":"a","response_id":"resp_1"}""";

    public static readonly string[] Frames = [CodexPrewarm, CodexDelta, CodexLite, Agents, Pi, Lane, Bare, Cancel];

    public static readonly DateTimeOffset Created = DateTimeOffset.FromUnixTimeSeconds(1_764_967_971);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static CreateRequest Http(string json) =>
        CreateRequestReader.Read(Utf8(json), CreateRequestOrigin.Http, ProtocolLimits.Default);

    public static CreateRequest Socket(string json) =>
        CreateRequestReader.Read(Utf8(json), CreateRequestOrigin.WebSocketCreate, ProtocolLimits.Default);

    public static Item Item(string json) => ItemReader.Read(Utf8(json), ProtocolLimits.Default);

    public static JsonElement Element(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json).RootElement;

    /// <summary>Whole values are equal, whatever the order of keys; numbers as they are written.</summary>
    public static void SameJson(string expected, ReadOnlyMemory<byte> actual)
    {
        var text = Encoding.UTF8.GetString(actual.Span);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(text)), $"expected {expected}\nbut got  {text}");
    }

    public static Response Response(
        ResponseStatus status = ResponseStatus.InProgress, string request = """{"model":"m","store":false,"input":"hi"}""")
    {
        var read = Http(request);
        return new Response
        {
            Id = new ResponseId("resp_1"),
            CreatedAt = Created,
            Status = status,
            Model = "m",
            Request = read,
            Instructions = read.Instructions,
            Tools = read.Tools ?? ToolList.Empty,
            PreviousResponseId = read.PreviousResponseId,
        };
    }
}
