using Samovar.Chains;
using Samovar.Protocol.Items;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Which tool a call id names, so that a tool's message can say what it answers.</summary>
internal sealed class CallNames
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public void Add(string callId, string name) => _names[callId] = name;

    public string? Find(string? callId) => callId is null ? null : _names.GetValueOrDefault(callId);

    /// <summary>
    /// Learns the calls that these outputs answer from the newest responses. False when one is not found within the bound.
    /// </summary>
    public bool Learn(IReadOnlyList<Item> input, ChainNode? parent, int lookback)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in input)
        {
            if (item is IToolOutput { CallId: { } answered }) wanted.Add(answered);
            if (item is IToolCall { CallId: { } called }) wanted.Remove(called);
        }
        for (var node = parent; wanted.Count > 0 && node is not null && lookback-- > 0; node = node.Parent)
        {
            Learn(node.Output, wanted);
            Learn(node.Input, wanted);
        }
        return wanted.Count == 0;
    }

    private void Learn(IReadOnlyList<Item> items, HashSet<string> wanted)
    {
        foreach (var item in items)
            if (item is IToolCall { CallId: { } id } call && wanted.Remove(id)) Add(id, NameOf(call));
    }

    /// <summary>A call's name as the prompt has it.</summary>
    public static string NameOf(IToolCall call) => call switch
    {
        FunctionCallItem function => ToolNames.Flatten(function.Namespace, function.Name),
        CustomToolCallItem custom => ToolNames.Flatten(custom.Namespace, custom.Name),
        OtherCallItem other => other.Kind.EndsWith("_call", StringComparison.Ordinal) ? other.Kind[..^"_call".Length] : other.Kind,
        _ => "",
    };
}
