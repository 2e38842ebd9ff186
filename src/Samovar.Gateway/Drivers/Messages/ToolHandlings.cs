using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>What is said of the tools of one request beside their form, as the Messages API takes it.</summary>
internal sealed class ToolHandlings(UpstreamCall call)
{
    private readonly Dictionary<string, ToolHandling> _byName = ToolHandling.ByName(call.Turn.Request.MessagesTools);
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);

    // What finds deferred tools in Responses is not known here: the model would never see them.
    private readonly bool _isSearched = !call.Tools.Dropped.Contains("tool_search", StringComparer.Ordinal);

    /// <summary>What was left out of what was asked for.</summary>
    public IEnumerable<string> LeftOut => _leftOut;

    public ToolHandling? Of(FlatTool tool)
    {
        if (tool.Original.Namespace is null && _byName.TryGetValue(tool.Original.Name, out var said)) return said;
        if (tool.Tool is not Tool.Function { Handling: { } own }) return null;
        var taken = own with
        {
            IsDeferred = own.IsDeferred && _isSearched,
            Callers = own.Callers.Elements().Any(static caller => caller.Is("programmatic"u8)) ? default : own.Callers,
        };
        _leftOut.UnionWith(own.Names.Except(taken.Names, StringComparer.Ordinal));
        return taken;
    }
}
