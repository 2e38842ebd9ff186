using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire;

/// <summary>A function call of an upstream that knows flat names only, reported as the call of the client's tool.</summary>
internal sealed class CallEvents
{
    private readonly CallArguments _arguments = new();
    private readonly StringBuilder? _customArguments;

    private readonly UpstreamCall _call;

    /// <param name="extra">What the upstream says beside the call from its beginning on; empty for nothing.</param>
    public CallEvents(string flatName, string? callId, RawJson extra, UpstreamCall call, List<BackendEvent> events)
    {
        _call = call;
        var tool = call.Tools.Original(flatName);
        if (tool.IsCustom) _customArguments = new StringBuilder();
        events.Add(tool.IsCustom
            ? new BackendEvent.CustomCallStarted(tool.Name, callId, tool.Namespace) { Extra = extra }
            : new BackendEvent.FunctionCallStarted(tool.Name, callId, tool.Namespace) { Extra = extra });
    }

    /// <summary>Whether its arguments have come to their end.</summary>
    public bool IsWhole => _arguments.IsWhole;

    /// <summary>Whether its arguments are none that anybody could read, whatever more of them comes.</summary>
    public bool IsBroken => _arguments.IsBroken;

    /// <summary>What the upstream said beside the call while it was made; the last counts.</summary>
    public RawJson Extra { get; set; }

    /// <summary>More of the arguments. A custom tool's input is inside them, so it is reported at the end.</summary>
    public void Arguments(string text, List<BackendEvent> events)
    {
        if (text.Length == 0) return;
        var more = _arguments.Add(text);
        if (_customArguments is not null || more.Length == 0) _call.Gather(sizeof(char) * (long)text.Length);
        if (_customArguments is not null) _customArguments.Append(text);
        else if (more.Length > 0) events.Add(new BackendEvent.Delta(more));
    }

    /// <summary>The call ends; one whose arguments never ended is reported as incomplete.</summary>
    /// <param name="isCut">Whether a limit ended the answer here.</param>
    public void End(List<BackendEvent> events, bool isCut = false)
    {
        var last = _arguments.End(isCut);
        if (_customArguments is not null) last = CustomInput.Of(_customArguments.ToString(), IsWhole);
        if (last.Length > 0) events.Add(new BackendEvent.Delta(last));
        events.Add(new BackendEvent.ItemDone { Status = IsWhole ? ItemStatus.Completed : ItemStatus.Incomplete, Extra = Extra });
    }
}
