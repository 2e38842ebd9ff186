using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Tools;

namespace Samovar.Gateway.Wire;

/// <summary>A function call of an upstream that knows flat names only, told as the call that the client's tool stands for.</summary>
internal sealed class CallTelling
{
    private readonly StringBuilder? _customArguments;

    private readonly UpstreamCall _call;

    public CallTelling(string flatName, string? callId, UpstreamCall call, List<BackendEvent> events)
    {
        _call = call;
        var tool = call.Tools.Original(flatName);
        if (tool.IsCustom) _customArguments = new StringBuilder();
        events.Add(tool.IsCustom
            ? new BackendEvent.CustomCallStarted(tool.Name, callId, tool.Namespace)
            : new BackendEvent.FunctionCallStarted(tool.Name, callId, tool.Namespace));
    }

    /// <summary>More of the arguments. A custom tool's input is inside them, so it is told at the end.</summary>
    public void Arguments(string text, List<BackendEvent> events)
    {
        if (text.Length == 0) return;
        if (_customArguments is not null)
        {
            _call.Gather(sizeof(char) * (long)text.Length);
            _customArguments.Append(text);
        }
        else events.Add(new BackendEvent.Delta(text));
    }

    public void End(List<BackendEvent> events)
    {
        if (_customArguments is not null) events.Add(new BackendEvent.Delta(CustomTools.Input(_customArguments.ToString())));
        events.Add(new BackendEvent.ItemDone());
    }
}
