using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>
/// The upstream's item that is running, told as the core's events; an item that came without its beginning or its deltas is told as if it
/// had them.
/// </summary>
internal sealed class OpenItem
{
    private readonly UpstreamCall _call;
    private readonly string _type;
    private readonly ToolName? _restored;
    private readonly StringBuilder? _arguments;
    private bool _hasText;
    private bool _hasSummary;

    public OpenItem(int index, RawJson item, UpstreamCall call, IdSource ids)
    {
        (_call, var tools) = (call, call.Tools);
        Index = index;
        _type = item.Text("type"u8) ?? "";
        Id = item.Text("id"u8) is { Length: > 0 } id ? id : ItemId.New(Prefix(_type), ids).Value;
        if (_type != "function_call" || !tools.IsFlat) return;
        var name = item.Text("name"u8) ?? "";
        var original = tools.Original(name);
        if (original is { Namespace: null, IsCustom: false }) return;
        _restored = original;
        if (original.IsCustom) _arguments = new StringBuilder();
    }

    public int Index { get; }
    public string Id { get; }

    /// <summary>Whether it is of a kind whose beginning and deltas the core knows; others are carried as the upstream tells them.</summary>
    public bool IsTold => _type is "message" or "reasoning" or "function_call" or "custom_tool_call";

    public void Begin(RawJson item, List<BackendEvent> events)
    {
        var (name, callId, group) =
            (_restored?.Name ?? item.Text("name"u8) ?? "", item.Text("call_id"u8), _restored?.Namespace ?? item.Text("namespace"u8));
        switch (_type)
        {
            case "message": events.Add(new BackendEvent.MessageStarted(Id, item.Text("phase"u8))); break;
            case "reasoning": events.Add(new BackendEvent.ReasoningStarted(Id)); break;
            case "function_call" when _arguments is null: events.Add(new BackendEvent.FunctionCallStarted(name, callId, group, Id)); break;
            case "function_call" or "custom_tool_call": events.Add(new BackendEvent.CustomCallStarted(name, callId, group, Id)); break;
            default: events.Add(new BackendEvent.CarriedStarted(Id, WholeItem.Complete(item, Id))); break;
        }
    }

    public void Delta(string text, RawJson logprobs, List<BackendEvent> events)
    {
        if (_arguments is not null)
        {
            _call.Gather(sizeof(char) * (long)text.Length);
            _arguments.Append(text);
            return;
        }
        _hasText = true;
        events.Add(new BackendEvent.Delta(text, logprobs));
    }

    public void Refusal(string text, List<BackendEvent> events)
    {
        _hasText = true;
        events.Add(new BackendEvent.RefusalDelta(text));
    }

    public void Summary(string text, int index, List<BackendEvent> events)
    {
        _hasSummary = true;
        events.Add(new BackendEvent.SummaryDelta(text, index));
    }

    public void End(RawJson item, List<BackendEvent> events)
    {
        if (!IsTold)
        {
            events.Add(new BackendEvent.ItemDone(WholeItem.Complete(item, Id)));
            return;
        }
        if (_arguments is not null) events.Add(
            new BackendEvent.Delta(CustomTools.Input(item.Text("arguments"u8) ?? _arguments.ToString())));
        else if (!_hasText) TellContent(item, events);
        if (_type == "reasoning" && !_hasSummary) TellSummary(item, events);
        events.Add(new BackendEvent.ItemDone(_restored is null ? WholeItem.Complete(item, Id) : default));
    }

    private void TellContent(RawJson item, List<BackendEvent> events)
    {
        var text = _type switch { "function_call" => item.Text("arguments"u8), "custom_tool_call" => item.Text("input"u8), _ => null };
        if (text is { Length: > 0 }) events.Add(new BackendEvent.Delta(text));
        if (_type is not ("message" or "reasoning")) return;
        foreach (var part in item.Field("content"u8).Elements())
        {
            if (part.Text("text"u8) is { Length: > 0 } words) events.Add(new BackendEvent.Delta(words, part.Field("logprobs"u8).Copied()));
            else if (part.Text("refusal"u8) is { Length: > 0 } refusal) events.Add(new BackendEvent.RefusalDelta(refusal));
        }
    }

    private static void TellSummary(RawJson item, List<BackendEvent> events)
    {
        var index = 0;
        foreach (var part in item.Field("summary"u8).Elements())
        {
            if (part.Text("text"u8) is { Length: > 0 } words) events.Add(new BackendEvent.SummaryDelta(words, index));
            index++;
        }
    }

    private static string Prefix(string type) => type switch
    {
        "message" => "msg_",
        "reasoning" => "rs_",
        "function_call" => "fc_",
        "custom_tool_call" => "ctc_",
        "web_search_call" => "ws_",
        "file_search_call" => "fs_",
        "code_interpreter_call" => "ci_",
        "image_generation_call" => "ig_",
        "mcp_call" => "mcp_",
        "mcp_list_tools" => "mcpl_",
        _ => "item_",
    };
}
