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
    public static string Tools(int bytes, bool isChat)
    {
        const int Frame = 200;
        var count = Math.Clamp(bytes / (Frame + 40), 1, 6);
        var length = Math.Max(1, bytes / count - Frame);
        return "[" + string.Join(',', Enumerable.Range(1, count).Select(index =>
        {
            var words = Quote(Excerpts.OfLength(length, index));
            var function = $"\"name\":\"tool_{index}\",\"description\":{words},\"parameters\":{Parameters}";
            return isChat ? """{"type":"function","function":{""" + function + "}}" : """{"type":"function",""" + function + "}";
        })) + "]";
    }

    public static string Quote(string text) => "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";
}
