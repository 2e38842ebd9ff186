using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samovar.Bench.Transport;

/// <summary>What an agent says, as JSON of either protocol; escaped as little as clients do.</summary>
internal static class AgentWords
{
    private const string Parameters =
        """{"type":"object","properties":{"path":{"type":"string"},"text":{"type":"string"}},"required":["path"]}""";

    /// <summary>An item of the Responses protocol, and a message of Chat Completions.</summary>
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

    /// <summary>Tools of about so many bytes together, six of them where there is room.</summary>
    /// <param name="isChat">For Chat Completions.</param>
    /// <param name="words">What their descriptions say, one behind the other.</param>
    public static string Tools(int bytes, bool isChat, IAgentWords words, int seed)
    {
        const int Frame = 200;
        var count = Math.Clamp(bytes / (Frame + 40), 1, 6);
        var length = Math.Max(1, bytes / count - Frame);
        var text = words.OfLength(length * count, seed);
        return "[" + string.Join(',', Enumerable.Range(0, count).Select(index =>
        {
            var said = Quote(text.Substring(index * length, length));
            var function = $"\"name\":\"tool_{index + 1}\",\"description\":{said},\"parameters\":{Parameters}";
            return isChat ? """{"type":"function","function":{""" + function + "}}" : """{"type":"function",""" + function + "}";
        })) + "]";
    }

    public static string Quote(string text) => "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";
}
