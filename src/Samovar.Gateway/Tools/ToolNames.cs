using Samovar.Context;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Tools;

/// <summary>A tool as clients know it.</summary>
internal readonly record struct ToolName(string Name, string? Namespace, bool IsCustom);

/// <summary>A tool as an upstream that knows functions only gets it.</summary>
internal sealed record FlatTool(string FlatName, Tool Tool, ToolName Original);

/// <summary>
/// Gives every tool one flat name, and finds the tool behind it again. Names depend on the tool alone wherever that is unambiguous,
/// so that a chain's history reads the same in every turn and the upstream's prefix stays warm.
/// </summary>
internal sealed class ToolNames
{
    private const int PlainLengthMax = 128; // of a name that is the client's own: longer ones are nowhere taken
    private const int HashLength = 8;
    private static readonly ToolNames AsTheyAre = new(isFlat: false);
    private readonly List<FlatTool> _tools = [];
    private readonly List<string> _dropped = [];
    private readonly List<Tool> _hosted = [];
    private bool _isMessages;
    private readonly Dictionary<string, ToolName> _originals = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? Namespace, string Name), string> _flatNames = [];

    private ToolNames(bool isFlat) => IsFlat = isFlat;

    /// <summary>Whether the upstream gets flat names; otherwise it knows the tools as they are.</summary>
    public bool IsFlat { get; }
    public IReadOnlyList<FlatTool> Tools => _tools;

    /// <summary>Whether a name had to give way to another: then names depend on the whole list.</summary>
    public bool HasClashes { get; private set; }

    /// <summary>Tools that are neither functions nor can be made into one.</summary>
    public IReadOnlyList<string> Dropped => _dropped;

    /// <summary>Tools that an upstream of the Messages API knows by their version.</summary>
    public IReadOnlyList<Tool> Hosted => _hosted;

    /// <summary>The tools in force: those of the request, and those that items of the context added.</summary>
    /// <param name="destination">Who gets them.</param>
    /// <param name="inForce">The request's.</param>
    /// <param name="context">What may have added some.</param>
    /// <param name="choice">Which of them may be called: one that cannot be told so is offered no others.</param>
    public static ToolNames For(Destination destination, ToolList inForce, TurnContext context, ToolChoice choice)
    {
        var isFlat = destination.Dialect.FunctionsOnly || destination.Kind is DestinationKind.Chat or DestinationKind.Messages;
        if (!isFlat) return destination.Dialect.IsSamovar ? AsTheyAre : Without(inForce);
        var names = new ToolNames(isFlat) { _isMessages = destination.Kind == DestinationKind.Messages };
        names.Add(inForce.Tools, null);
        foreach (var item in context.AllItems())
            if (item is AdditionalToolsItem added) names.Add(added.Tools.Tools, null);
        if (choice is ToolChoice.Allowed allowed && destination.Kind != DestinationKind.Chat) names.OfferOnly(allowed);
        return names;
    }

    /// <summary>Names stay as they are among all, so that the history reads the same.</summary>
    private void OfferOnly(ToolChoice.Allowed allowed)
    {
        var names = allowed.Tools.Select(tool => Flat(null, tool.Name)).ToHashSet(StringComparer.Ordinal);
        if (_tools.Exists(tool => names.Contains(tool.FlatName))) _tools.RemoveAll(tool => !names.Contains(tool.FlatName));
    }

    private static ToolNames Without(ToolList inForce)
    {
        ToolNames? names = null;
        foreach (var tool in inForce.Tools)
            if (HostedTools.IsOfMessages(tool.Type)) (names ??= new ToolNames(isFlat: false))._dropped.Add(tool.Type);
        return names ?? AsTheyAre;
    }

    public static ToolNames Of(IReadOnlyList<Tool> tools)
    {
        var names = new ToolNames(isFlat: true);
        names.Add(tools, null);
        return names;
    }

    /// <summary>The name that the upstream knows; also for a tool that is no longer offered but is in the history.</summary>
    public string Flat(string? @namespace, string name) =>
        _flatNames.TryGetValue((@namespace, name), out var flat) ? flat : Stable(@namespace, name);

    /// <summary>The tool behind an upstream's call; a name never given is a function's own.</summary>
    public ToolName Original(string flatName) =>
        _originals.TryGetValue(flatName, out var original) ? original : new ToolName(flatName, null, IsCustom: false);

    /// <summary>Whether no more of a flat name can come: a tool is called so, and none has a longer name with this beginning.</summary>
    public bool IsWhole(string? flatName) => flatName is not null && _originals.ContainsKey(flatName)
        && !_originals.Keys.Any(other => other.Length > flatName.Length && other.StartsWith(flatName, StringComparison.Ordinal));

    /// <summary>Whether two flat names are those of two tools, and not two pieces of one.</summary>
    public bool AreTwo(string first, string second) => _originals.ContainsKey(first) && _originals.ContainsKey(second)
        && !second.StartsWith(first, StringComparison.Ordinal);

    /// <summary>What came of a flat name so far, with its next piece: some send the whole name again, or all of it up to there.</summary>
    public string Joined(string? before, string piece)
    {
        if (before is null) return piece;
        if (_originals.ContainsKey(before + piece) && !_originals.ContainsKey(piece)) return before + piece;
        return piece.StartsWith(before, StringComparison.Ordinal) ? piece : before + piece;
    }

    private void Add(IReadOnlyList<Tool> tools, string? @namespace)
    {
        foreach (var tool in tools) // plain names first: they are never changed, so the others have to give way
        {
            if (@namespace is null && tool is Tool.Function or Tool.Custom) AddOne(tool, NameOf(tool), null);
        }
        foreach (var tool in tools)
        {
            if (tool is Tool.Namespace group) Add(group.Tools, group.Name);
            else if (tool is Tool.Other && _isMessages && HostedTools.IsOfMessages(tool.Type)) _hosted.Add(tool);
            else if (tool is not (Tool.Function or Tool.Custom)) _dropped.Add(tool.Type);
            else if (@namespace is not null) AddOne(tool, NameOf(tool), @namespace);
        }
    }

    private void AddOne(Tool tool, string name, string? @namespace)
    {
        if (_flatNames.ContainsKey((@namespace, name))) return; // offered twice: the first counts
        var flat = Stable(@namespace, name);
        if (_originals.ContainsKey(flat)) (flat, HasClashes) = (Hashed(flat, @namespace, name), true);
        if (_originals.ContainsKey(flat)) return;
        var original = new ToolName(name, @namespace, tool is Tool.Custom);
        _flatNames.Add((@namespace, name), flat);
        _originals.Add(flat, original);
        _tools.Add(new FlatTool(flat, tool, original));
    }

    private static string NameOf(Tool tool) => tool switch
    {
        Tool.Function function => function.Name,
        Tool.Custom custom => custom.Name,
        _ => "",
    };

    /// <summary>What a model made up may be no name that an API takes; it stands in the history of every later turn.</summary>
    private static string Stable(string? @namespace, string name)
    {
        var joined = @namespace is null ? name : @namespace + "__" + name;
        var lengthMax = @namespace is null ? PlainLengthMax : FittingName.LengthMax;
        return FittingName.Is(joined, lengthMax) ? joined : Hashed(joined, @namespace, name);
    }

    private static string Hashed(string flat, string? @namespace, string name) =>
        FittingName.Marked(flat, @namespace + "\0" + name, HashLength);
}
