using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>One tool as the model sees it, and the way back to what the client called it.</summary>
/// <param name="FlatName">The name in the prompt.</param>
/// <param name="Name">The client's name.</param>
/// <param name="Namespace">The client's namespace.</param>
/// <param name="IsCustom">Whether the client wants free text instead of JSON arguments.</param>
/// <param name="Description">What it does; it contains a custom tool's grammar.</param>
/// <param name="Parameters">JSON Schema of its arguments.</param>
/// <param name="IsStrict">Whether its arguments must follow the schema, or the pattern.</param>
internal sealed record OfferedTool(
    string FlatName, string Name, string? Namespace, bool IsCustom, string? Description, RawJson Parameters, bool IsStrict)
{
    /// <summary>The regular expression that a custom tool's text must follow.</summary>
    public string? Pattern { get; init; }

    /// <summary>Whether <see cref="Pattern"/> is a Lark grammar instead.</summary>
    public bool IsLark { get; init; }

    /// <summary>Whether the conversation goes on while a call of it has no output.</summary>
    public bool IsAsync { get; init; }
}

/// <summary>The tools a conversation has named: those in the prompt's start, and those that came later, in order.</summary>
internal sealed class ToolCatalog
{
    public static readonly ToolCatalog Empty = new([]);

    private static readonly RawJson NoParameters = RawJson.Of("""{"type":"object","properties":{}}""");
    private static readonly RawJson CustomParameters = RawJson.Of(
        """{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}""");

    private readonly Dictionary<string, OfferedTool> _byName;

    private ToolCatalog(IReadOnlyList<OfferedTool> tools)
    {
        Tools = tools;
        _byName = tools.ToDictionary(tool => tool.FlatName, StringComparer.Ordinal);
    }

    public IReadOnlyList<OfferedTool> Tools { get; }

    public OfferedTool? Find(string flatName) => _byName.GetValueOrDefault(flatName);

    /// <summary>This catalogue and the callable tools of a list behind it; of two with one name the first stays.</summary>
    public ToolCatalog With(ToolList list)
    {
        var tools = new List<OfferedTool>(Tools);
        var names = new HashSet<string>(_byName.Keys, StringComparer.Ordinal);
        foreach (var tool in Callable(list.Tools, null))
            if (names.Add(tool.FlatName)) tools.Add(tool);
        return tools.Count == Tools.Count ? this : new ToolCatalog(tools);
    }

    /// <summary>This catalogue and the tools that items bring.</summary>
    public ToolCatalog Grown(IReadOnlyList<Item> items)
    {
        var grown = this;
        foreach (var item in items)
            if (item is AdditionalToolsItem more) grown = grown.With(more.Tools);
        return grown;
    }

    /// <summary>Whether both have the same tools in the same order.</summary>
    public bool HasToolsOf(ToolCatalog other) => Tools.SequenceEqual(other.Tools);

    /// <summary>A catalogue of exactly these.</summary>
    public static ToolCatalog Of(IReadOnlyList<OfferedTool> tools) => new(tools);

    /// <summary>What this catalogue has beyond an earlier one it grew from.</summary>
    public IReadOnlyList<OfferedTool> Beyond(ToolCatalog earlier) => [.. Tools.Skip(earlier.Tools.Count)];

    /// <summary>Functions and custom tools, namespaces opened; hosted tools are not for a model in the box.</summary>
    private static IEnumerable<OfferedTool> Callable(IReadOnlyList<Tool> tools, string? space)
    {
        foreach (var tool in tools)
        {
            switch (tool)
            {
                case Tool.Function function: yield return Of(function, space); break;
                case Tool.Custom custom: yield return Of(custom, space); break;
                case Tool.Namespace inner:
                    var within = space is null ? inner.Name : ToolNames.Flatten(space, inner.Name);
                    foreach (var nested in Callable(inner.Tools, within)) yield return nested;
                    break;
            }
        }
    }

    private static OfferedTool Of(Tool.Function tool, string? space) => new(
        ToolNames.Flatten(space, tool.Name), tool.Name, space, IsCustom: false, tool.Description,
        tool.Parameters.IsEmpty || tool.Parameters.Utf8.Span.SequenceEqual("null"u8) ? NoParameters : tool.Parameters, tool.Strict == true)
    { IsAsync = tool.IsAsync };

    private static OfferedTool Of(Tool.Custom tool, string? space)
    {
        var description = tool.Description;
        if (tool.Grammar is not null) description += $"\n\nThe input follows this {tool.Syntax ?? "grammar"}:\n{tool.Grammar}";
        var pattern = tool.Syntax is "regex" or "lark" ? tool.Grammar : null;
        return new(ToolNames.Flatten(space, tool.Name), tool.Name, space, IsCustom: true, description, CustomParameters,
            IsStrict: pattern is not null) { Pattern = pattern, IsLark = tool.Syntax is "lark", IsAsync = tool.IsAsync };
    }
}
