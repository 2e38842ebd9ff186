using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samovar.Bench.Transport;

/// <summary>What an agent says, as JSON of each protocol; escaped as little as clients do.</summary>
internal static class AgentWords
{
    private const string Parameters =
        """{"type":"object","properties":{"path":{"type":"string"},"text":{"type":"string"}},"required":["path"]}""";

    /// <summary>An item of the Responses protocol, and a message of the others.</summary>
    public static string Message(string role, string text) => $$"""{"role":"{{role}}","content":{{Quote(text)}}}""";

    /// <summary>An item of the Responses protocol.</summary>
    public static string Result(string call, string text) =>
        $$"""{"type":"function_call_output","call_id":{{Quote(call)}},"output":{{Quote(text)}}}""";

    /// <summary>A message of Chat Completions, as is the call.</summary>
    public static string ToolMessage(string call, string text) =>
        $$"""{"role":"tool","tool_call_id":{{Quote(call)}},"content":{{Quote(text)}}}""";

    public static string Call(string call, string name, string arguments) =>
        $$"""{"role":"assistant","content":null,"tool_calls":[{"id":{{Quote(call)}},"type":"function","function":"""
            + $$"""{"name":{{Quote(name)}},"arguments":{{Quote(arguments)}} } }]}""";

    /// <summary>A message of Messages, as is the call.</summary>
    public static string ToolResult(string call, string text) =>
        $$"""{"role":"user","content":[{"type":"tool_result","tool_use_id":{{Quote(call)}},"content":{{Quote(text)}}}]}""";

    /// <param name="input">JSON.</param>
    public static string ToolUse(string call, string name, string input) =>
        $$"""{"role":"assistant","content":[{"type":"tool_use","id":{{Quote(call)}},"name":{{Quote(name)}},"input":{{input}}}]}""";

    /// <summary>Tools of about so many bytes together, six of them where there is room.</summary>
    /// <param name="kind">Whose protocol says how.</param>
    /// <param name="words">What their descriptions say, one behind the other.</param>
    public static string Tools(int bytes, TransportKind kind, IAgentWords words, int seed)
    {
        const int Frame = 200;
        var count = Math.Clamp(bytes / (Frame + 40), 1, 6);
        var length = Math.Max(1, bytes / count - Frame);
        var text = words.OfLength(length * count, seed);
        return "[" + string.Join(',', Enumerable.Range(0, count).Select(index =>
        {
            var said = Quote(text.Substring(index * length, length));
            var function = $"\"name\":\"tool_{index + 1}\",\"description\":{said},";
            return kind.IsMessages ? "{" + function + "\"input_schema\":" + Parameters + "}"
                : kind.IsChat ? """{"type":"function","function":{""" + function + "\"parameters\":" + Parameters + "}}"
                : """{"type":"function",""" + function + "\"parameters\":" + Parameters + "}";
        })) + "]";
    }

    public static string Quote(string text) => "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";
}
