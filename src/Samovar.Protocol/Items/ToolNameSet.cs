using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Items;

/// <summary>The names in one list of tools: each may occur once, or a call could mean either of two tools.</summary>
internal sealed class ToolNameSet
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <param name="json">Stands in the tool.</param>
    /// <param name="path">Where in the tool its name stands.</param>
    public void Add(ref JsonCursor json, string name, params ReadOnlySpan<string> path)
    {
        if (_names.Add(name) || !json.Limits.ChecksValues) return;
        foreach (var part in path) json.Push(part);
        throw json.Fail(DuplicateName, json.Path, name);
    }
}
