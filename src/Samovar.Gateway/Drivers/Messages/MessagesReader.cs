using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>Reads the events of a Messages stream, or a whole message, into the core's events.</summary>
/// <remarks>
/// What a delta is counts before what its block was announced as. A block that begins ends the one before, which ends only then: whether a
/// limit cut it off is reported after it. A call that is not whole keeps later blocks waiting, for some servers run calls side by side; any
/// other block does so until a few events in a row were not its own, for some run those side by side, and others never say that one ends.
/// </remarks>
internal sealed class MessagesReader(UpstreamCall call, IdSource ids)
{
    private const int HeldOverhead = 128; // what an event costs that is kept, besides its text
    private const int StrangersMax = 4; // events of other blocks after which one that did not end is over
    private static readonly StreamedBlock Unannounced = new(RawJson.Of("""{"type":"text"}"""), index: null);
    private readonly MessagesOutput _output = new(call, ids);
    private readonly MessagesUsage _usage = new();
    private readonly List<StreamedBlock> _blocks = []; // the first is the current one, the others wait
    private readonly HashSet<int> _endedCalls = [], _endedThoughts = [];
    private StreamedBlock? _last;
    private AnswerEnd? _end;
    private string _stopReason = "";
    private int _strangers; // events of blocks that wait, since the last of the current one
    private bool _isAccepted;
    private bool _goesOn; // something was said behind the reason to end

    public bool IsEnded { get; private set; }

    /// <summary>Whether the upstream said why the answer ends.</summary>
    public bool IsFinished => _end is not null;

    /// <summary>Whether the answer has finished: a reason to end that comes inside a block, or in front of all, may be none.</summary>
    public FinishSign Sign => _end is null || _goesOn ? FinishSign.None
        : _last is not null && _blocks.TrueForAll(static block => block.IsStopped) ? FinishSign.Sure : FinishSign.InDoubt;

    /// <summary>Null where the upstream did not say.</summary>
    public Usage? Usage => _usage.Usage;
    public string? StopSequence { get; private set; }

    /// <summary>The reason where it is one of those that only this protocol has.</summary>
    public string? StopReason => FinishReasons.OfMessages(_stopReason);

    /// <summary>What the upstream has left out of the context, as it says; empty where it does not.</summary>
    public RawJson AppliedEdits { get; private set; }

    /// <summary>What else it says of the answer, see <see cref="EndFields"/>.</summary>
    public RawJson Said { get; private set; }
    public string? IncompleteReason { get; private set; }

    /// <exception cref="UpstreamException">The upstream reports a failure, or what it says makes no sense.</exception>
    public void Read(RawJson json, List<BackendEvent> events)
    {
        var type = json.Text("type"u8);
        switch (type)
        {
            case "message_start": Start(json.Field("message"u8), events); break;
            case "content_block_start" or "content_block_delta" or "content_block_stop":
                _goesOn |= IsFinished && type != "content_block_stop";
                if (type == "content_block_start") Begin(json, events);
                else ReadOfBlock(json, events);
                break;
            case "message_delta":
                ReadEdits(json);
                ReadEnd(json.Field("delta"u8), json.Field("usage"u8));
                break;
            case "message_stop":
                ReadEnd(json, json.Field("usage"u8));
                End(events);
                break;
            case "message": ReadWhole(json, events); break;
            case "error":
            case null when json.Field("error"u8).IsSet(): throw new UpstreamException(FaultReader.ReadEvent(json, call.Time.GetUtcNow()));
        }
    }

    /// <summary>The answer is over: its last event said so, or the end of a stream that had said why.</summary>
    /// <exception cref="UpstreamException">It ended for a reason that makes it no answer.</exception>
    public void End(List<BackendEvent> events)
    {
        if (_end == AnswerEnd.Broken) throw FinishReasons.Fault(_stopReason);
        Accept(default, events);
        var isCut = _end is AnswerEnd.CutByLimit or AnswerEnd.CutByFilter;
        while (_blocks.Count > 0) Finish(events);
        _output.End(isCut, events);
        // A call that never came to its end was cut off, whatever the upstream says of it.
        if (isCut || _output.HasBrokenCall) IncompleteReason = FinishReasons.IncompleteReason(isCut ? _end!.Value : AnswerEnd.CutByLimit);
        IsEnded = true;
    }

    private void Start(RawJson message, List<BackendEvent> events)
    {
        ReadUsage(message.Field("usage"u8));
        Said = EndFields.With(Said, message);
        Accept(message, events);
    }

    private void ReadWhole(RawJson message, List<BackendEvent> events)
    {
        Start(message, events);
        foreach (var content in WholeBlocks(message.Field("content"u8)))
        {
            var block = new StreamedBlock(content, index: null);
            block.Begin(_output, events);
            block.Finish(_output, events);
        }
        ReadEdits(message);
        ReadEnd(message, default);
        End(events);
    }

    private void ReadEdits(RawJson json)
    {
        if (json.Field("context_management"u8) is { IsObject: true } edits && edits.Field("applied_edits"u8) is { IsArray: true } applied)
            AppliedEdits = applied.Copied();
    }

    /// <summary>Some give a text, or the only block, in place of a list.</summary>
    private static IReadOnlyList<RawJson> WholeBlocks(RawJson content) => content.AsText() is null
        ? content.ElementsOrSelf() : [RawJson.Of($$"""{"type":"text","text":{{content}}}""")];

    private void Begin(RawJson json, List<BackendEvent> events)
    {
        Accept(default, events);
        var block = _last = new StreamedBlock(json.Field("content_block"u8), json.Number("index"u8));
        _blocks.Add(block);
        if (_blocks.Count == 1) block.Begin(_output, events);
        else if (_blocks.Count > 2 || MayGoOn(_blocks[0], block)) Wait(block, json);
        else Finish(events);
    }

    private void ReadOfBlock(RawJson json, List<BackendEvent> events)
    {
        Accept(default, events);
        if (IsOfEnded(json)) call.Drop(EventDrop.Ended);
        else if (Find(json) is { Held: not null } waiting) Wait(waiting, json);
        else
        {
            Apply(Find(json), json, events);
            _strangers = 0;
        }
        while (_blocks.Count > 1 && !MayGoOn(_blocks[0], _blocks[1])) Finish(events);
    }

    /// <summary>Whether more of a block may come though the next one has begun.</summary>
    private bool MayGoOn(StreamedBlock block, StreamedBlock next) => !block.IsStopped && (block.IsCall ? _output.IsInsideCall
        : _strangers < StrangersMax && block.Index is not null && next.Index is not null && block.Index != next.Index);

    /// <summary>Whether an event has more arguments of a call whose object has ended, or signs a thought that is over: it would prove
    /// another one.</summary>
    private bool IsOfEnded(RawJson json) => json.Number("index"u8) is { } index && (KindOf(json.Field("delta"u8)) switch
    {
        "input_json_delta" => _endedCalls.Contains(index),
        "signature_delta" => _endedThoughts.Contains(index),
        _ => false,
    }) && !_blocks.Exists(block => block.Index == index);

    /// <summary>A delta's kind; where it does not say, what it has.</summary>
    private static string? KindOf(RawJson delta) => delta.Text("type"u8) is { Length: > 0 } type ? type
        : delta.Field("text"u8).IsSet() ? "text_delta"
        : delta.Field("thinking"u8).IsSet() ? "thinking_delta"
        : delta.Field("partial_json"u8).IsSet() ? "input_json_delta"
        : delta.Field("citation"u8).IsSet() ? "citations_delta" : null;

    /// <summary>The block that an event belongs to: by its place, but arguments belong to a call.</summary>
    private StreamedBlock? Find(RawJson json)
    {
        var index = json.Number("index"u8);
        var named = index is null ? _last : _blocks.FindLast(block => block.Index == index);
        var isInput = KindOf(json.Field("delta"u8)) == "input_json_delta";
        if (!isInput || named is { IsCall: true } or { IsCarried: true }) return named ?? _last;
        return _blocks.FindLast(block => block.IsCall && !block.IsStopped) ?? named ?? _last;
    }

    private void Apply(StreamedBlock? block, RawJson json, List<BackendEvent> events)
    {
        if (json.Text("type"u8) == "content_block_stop")
        {
            if (block is not null) block.Stop(_output, events);
            return;
        }
        var delta = json.Field("delta"u8);
        switch (KindOf(delta))
        {
            case "text_delta" when delta.Piece("text"u8) is { Length: > 0 } text:
                block?.Say();
                _output.Text(text, events);
                break;
            case "thinking_delta" when delta.Piece("thinking"u8) is { Length: > 0 } thought:
                block?.Say();
                _output.Thought(thought, events);
                break;
            case "signature_delta" when delta.Text("signature"u8) is { Length: > 0 } signature: _output.Sign(signature, events); break;
            case "input_json_delta" when Input(delta.Field("partial_json"u8)) is { Length: > 0 } input:
                (block ?? Unannounced).Input(input, call, _output, events);
                break;
            case "citations_delta": (block ?? Unannounced).Cite(delta, call, _output); break;
            case not ("text_delta" or "thinking_delta" or "signature_delta" or "input_json_delta"): block?.Add(delta, call); break;
        }
    }

    /// <summary>As text, or as the object itself.</summary>
    private static string? Input(RawJson input) => input.AsPiece() ?? (input.IsObject ? input.ToString() : null);

    /// <summary>Ends the current block and begins the one that waits.</summary>
    private void Finish(List<BackendEvent> events)
    {
        var current = _blocks[0];
        current.Finish(_output, events);
        if (current.Index is { } index)
        {
            if (current.IsCall) _endedCalls.Add(index);
            if (current.Kind == "thinking") _endedThoughts.Add(index);
        }
        _blocks.RemoveAt(0);
        _strangers = 0;
        if (_blocks.Count == 0) return;
        _output.End(isCut: false, events); // what is cut off is the last
        var next = _blocks[0];
        next.Begin(_output, events);
        var held = next.Held ?? [];
        next.Held = null;
        foreach (var json in held) Apply(next, json, events);
    }

    /// <summary>Keeps an event until its block's turn comes; the beginning is kept by the block itself.</summary>
    private void Wait(StreamedBlock block, RawJson json)
    {
        call.Gather(HeldOverhead + json.Utf8.Length);
        if (block.Held is null) block.Held = [];
        else block.Held.Add(json.Copied());
        // The end of a block says that this server tells ends, so the one before it would have its own.
        _strangers = json.Text("type"u8) == "content_block_stop" ? StrangersMax : _strangers + 1;
    }

    private void ReadEnd(RawJson delta, RawJson usage)
    {
        ReadUsage(usage);
        StopSequence = delta.Text("stop_sequence"u8) ?? StopSequence;
        Said = EndFields.With(Said, delta);
        var reason = delta.Text("stop_reason"u8);
        if (FinishReasons.Of(reason) is { } end) (_end, _stopReason) = (end, reason!);
    }

    private void ReadUsage(RawJson usage)
    {
        if (!usage.IsSet()) return;
        _usage.Read(usage);
        call.Usage = _usage.Known;
    }

    private void Accept(RawJson message, List<BackendEvent> events)
    {
        if (_isAccepted) return;
        _isAccepted = true;
        call.Reach(CallPhase.Created);
        var model = message.Text("model"u8) is { Length: > 0 } named ? named : call.Model;
        events.Add(new BackendEvent.Accepted(model) { Usage = _usage.Usage });
    }
}
