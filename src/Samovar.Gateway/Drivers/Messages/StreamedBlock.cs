using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>A content block of the upstream's answer, and what it is reported as.</summary>
internal sealed class StreamedBlock
{
    private readonly RawJson _start;
    private readonly StringBuilder _input = new(); // of a block that is only carried
    private readonly List<(string Name, RawJson Value)> _added = []; // likewise
    private bool _hasInput;
    private bool _hasContent;

    public StreamedBlock(RawJson block, int? index)
    {
        (_start, Index) = (block.Copied(), index);
        Kind = _start.Text("type"u8) ?? "";
    }

    public int? Index { get; }
    public string Kind { get; }
    public bool IsCall => Kind == "tool_use";

    /// <summary>Of no kind that the core knows: passed on whole when it ends.</summary>
    public bool IsCarried => Kind is not ("text" or "thinking" or "redacted_thinking" or "tool_use");
    public bool IsStopped { get; private set; }

    /// <summary>Events that came before the block's turn.</summary>
    public List<RawJson>? Held { get; set; }

    public void Begin(MessagesOutput output, List<BackendEvent> events)
    {
        switch (Kind)
        {
            case "text":
                output.BeginText();
                output.Cite(_start.Field("citations"u8));
                if (_start.Piece("text"u8) is { Length: > 0 } text) output.Text(text, events);
                break;
            case "redacted_thinking": output.Redacted(_start.Text("data"u8) ?? "", events); break;
            case "thinking":
                if (_start.Piece("thinking"u8) is { Length: > 0 } thought) output.Thought(thought, events);
                if (_start.Text("signature"u8) is { Length: > 0 } signature) output.Sign(signature, events);
                break;
            case "tool_use":
                if (_start.Text("name"u8) is not { Length: > 0 } name)
                    throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "The upstream sent a call without a name."));
                output.BeginCall(name, _start.Text("id"u8), ToolUseFields.Extra(_start), events);
                break;
        }
    }

    /// <summary>The upstream says that nothing more of it comes.</summary>
    public void Stop(MessagesOutput output, List<BackendEvent> events)
    {
        IsStopped = true;
        if (Kind == "text") output.EndText(events);
    }

    public void Input(string json, UpstreamCall call, MessagesOutput output, List<BackendEvent> events)
    {
        if (IsCarried)
        {
            call.Gather(sizeof(char) * (long)json.Length);
            _input.Append(json);
        }
        else if (IsCall)
        {
            _hasInput |= json.Length > 0;
            output.Input(json, events);
        }
        else if (json.AsSpan().Trim().Length > 0 && !output.Input(json, events))
        {
            throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "The upstream sent arguments of no call."));
        }
    }

    /// <summary>A delta of a kind that is not known: a block that is only carried has its fields, too (<c>compaction_delta</c>).</summary>
    public void Add(RawJson delta, UpstreamCall call)
    {
        if (!IsCarried) return;
        foreach (var (name, value) in delta.Fields().Where(static field => field.Name != "type"))
        {
            call.Gather(value.Utf8.Length);
            _added.Add((name, value.Copied()));
        }
    }

    /// <summary>What the block's text rests on; nothing else rests on anything.</summary>
    public void Cite(RawJson delta, UpstreamCall call, MessagesOutput output)
    {
        if (IsCarried && !_hasContent) Add(delta, call);
        else if (Kind == "text" || _hasContent) output.Cite(delta.Field("citation"u8));
        else call.Drop(EventDrop.UnknownContent);
    }

    /// <summary>Notes that the block's content was reported as text or thought, so that nothing of it is left to carry.</summary>
    public void Say() => _hasContent = true;

    /// <summary>What is still to be reported when nothing more of it comes: input that its start event had.</summary>
    public void Finish(MessagesOutput output, List<BackendEvent> events)
    {
        if (Kind == "text" || _hasContent) output.EndText(events);
        if (IsCarried)
        {
            var whole = _added.Count == 0 ? _start : CarriedBlock.WithFields(_start, _added);
            if (!_hasContent && Kind.Length > 0)
                output.Carry(_input.Length == 0 ? whole : CarriedBlock.WithInput(whole, _input.ToString()), events);
            _hasContent = true;
            return;
        }
        if (!IsCall || _hasInput) return;
        _hasInput = true;
        var input = _start.Field("input"u8);
        if (input.IsSet()) output.Input(input.AsPiece() ?? input.ToString(), events);
    }
}
