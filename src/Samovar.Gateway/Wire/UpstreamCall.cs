using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;
using Samovar.Tracing;

namespace Samovar.Gateway.Wire;

/// <summary>How far one attempt got, as the upstream may have seen it.</summary>
internal enum CallPhase
{
    /// <summary>Nothing has left.</summary>
    BeforeSend,

    /// <summary>The request is out, nothing came back: its fate is unknown.</summary>
    Sent,

    /// <summary>The upstream took it.</summary>
    Created,

    /// <summary>Output came back; the client may have seen it.</summary>
    Output,
}

/// <summary>One attempt to run a turn at one destination: what is asked, and how far it got.</summary>
internal sealed class UpstreamCall
{
    private const int GatheredFree = 64 << 10; // little is not worth a claim
    private int[]? _eventsDropped; // few drop any
    private Action? _heard, _progressed;
    private Usage? _usage;
    private Action? _steerRefused;
    private volatile bool _isSteered, _isOver;
    private ByteClaim? _claim;
    private long _gathered;

    public required Destination Destination { get; init; }

    /// <summary>The model's name at the destination.</summary>
    public required string Model { get; init; }
    public required BackendTurn Turn { get; init; }
    public required TimeProvider Time { get; init; }
    public required ToolNames Tools { get; init; }

    /// <summary>
    /// The parent's state where this destination holds it: only what is new needs to be sent. Null sends the whole context.
    /// </summary>
    public UpstreamState? Parent { get; init; }

    /// <summary>Names the chain, the same for all its turns; says nothing about its content.</summary>
    public required string Conversation { get; init; }
    public string? PromptCacheKey { get; init; }

    /// <summary>Whose turn it is, as engines are told; null: nobody is.</summary>
    public Lineage? Lineage { get; init; }

    /// <summary>The key that the turn's client sent, for a destination that gets it; it is in no record.</summary>
    public string? CallerKey { get; init; }

    public void Authorize(Action<string, string> header) => Destination.Authorize(header, CallerKey);

    /// <summary>The trace that the attempt belongs to, as the upstream gets it.</summary>
    public TraceContext? Trace { get; set; }

    /// <summary>The turn's place at the destination; null where none is taken.</summary>
    public DestinationPlace? Place { get; init; }

    /// <summary>Whether the chain holds what only this destination can open.</summary>
    public bool IsBound { get; init; }

    /// <summary>Whether the history is in a compaction that a client brought.</summary>
    public bool IsSealed { get; init; }

    /// <summary>The destination that made what only its maker can open; null where that is not known.</summary>
    public Func<Item, string?> MakerOf { get; init; } = static _ => null;

    /// <summary>Whether the upstream may keep the response: never if the client forbids it.</summary>
    public bool IsStored => Destination.Options.Stores && Turn.Request.Store;

    public CallPhase Phase { get; private set; }

    /// <summary>The longest answer that the upstream has room for, as it said when it refused ours; null: nobody has asked.</summary>
    public int? OutputRoom { get; init; }

    /// <summary>The longest answer that is asked for where the upstream wants to hear of one.</summary>
    public int OutputTokensMax => Turn.Request.MaxOutputTokens ?? OutputRoom ?? Destination.Options.OutputTokensDefault;

    /// <summary>Whether only the new items were sent.</summary>
    public bool IsDelta { get; set; }
    public long BytesUp { get; private set; }
    public long BytesDown { get; private set; }

    /// <summary>What the upstream has said of tokens so far; null where it has said nothing.</summary>
    public Usage? Usage
    {
        get => _usage;
        set
        {
            if (value?.OutputTokens > (_usage?.OutputTokens ?? 0)) Progressed(); // of what it may keep for later itself
            _usage = value;
        }
    }

    /// <summary>Fields of the request that this upstream does not understand.</summary>
    public IReadOnlyList<string> Dropped { get; set; } = [];

    /// <summary>What was left out of the context on the way.</summary>
    public IReadOnlyList<AppliedEdit> AppliedEdits { get; set; } = [];

    /// <summary>What the events that come back are counted in; null: nowhere.</summary>
    public FlowShare? Events { get; init; }

    /// <summary>How large one event may be, and all that has to be kept until it can be reported.</summary>
    public int EventBytesMax { get; init; } = 64 << 20;

    /// <summary>How long the upstream is waited for once it has finished its answer.</summary>
    public EndTimes EndTimes { get; init; } = EndTimes.Default;

    /// <summary>A claim for events of this attempt, of the part that its destination has.</summary>
    public ByteClaim? ClaimEvents() => Events is { } events ? new ByteClaim(events, new FlowId(Destination.Name)) : null;

    /// <summary>
    /// Counts what is kept until its end because it cannot be sent before: a custom tool's arguments, sealed thoughts, events of an item
    /// whose turn has not come.
    /// </summary>
    /// <exception cref="UpstreamException">It is more than one event may have, or there is no room.</exception>
    public void Gather(long bytes)
    {
        _gathered += bytes;
        if (bytes > 0) Progressed();
        if (_gathered > EventBytesMax)
            throw new UpstreamException(new UpstreamFault(FaultKind.TooLarge, $"One of its events was larger than {EventBytesMax} bytes."));
        if (_gathered <= GatheredFree || _gathered <= _claim?.Bytes) return;
        if ((_claim ??= ClaimEvents())?.TrySet(2 * _gathered) == false) throw NoRoom();
    }

    /// <summary>Frees what <see cref="Gather"/> counts, when the attempt is over.</summary>
    public GatheredBytes Gathered() => new(this);

    /// <summary>Frees what its call gathered.</summary>
    internal readonly struct GatheredBytes(UpstreamCall call) : IDisposable
    {
        public void Dispose() => call._claim?.Dispose();
    }

    /// <summary>The state after a turn of which the upstream keeps nothing that has a name.</summary>
    public UpstreamState NamelessState() => new()
    {
        Destination = Destination.Name, Conversation = Conversation, PromptCacheKey = PromptCacheKey,
        IsBound = IsBound, IsSealed = IsSealed, KeepsCopies = true,
    };

    public static UpstreamException NoRoom() => new(new UpstreamFault(FaultKind.NoRoom, "There is no room for the upstream's events."));

    /// <summary>Whether the upstream has what the user said meanwhile, and did not refuse it: it is to end its response itself.</summary>
    public bool IsSteered => _isSteered;

    public void Steered() => _isSteered = true;

    public void SteerRefused()
    {
        _isSteered = false;
        _steerRefused?.Invoke();
    }

    public void OnSteerRefused(Action refused) => _steerRefused = refused;

    /// <summary>Whether the upstream's response has ended: what is left to do does not end early.</summary>
    public bool IsOver { get => _isOver; set => _isOver = value; }

    /// <summary>Called whenever the upstream gives a sign of life.</summary>
    public void OnHeard(Action heard) => _heard = heard;

    /// <summary>Called whenever the upstream brings something of its answer, be it kept until it can be sent.</summary>
    public void OnProgressed(Action progressed) => _progressed = progressed;

    public void Progressed() => _progressed?.Invoke();

    /// <summary>When the request's first bytes left, by <c>TimeProvider.GetTimestamp</c>.</summary>
    public long? SentAt { get; private set; }

    /// <summary>When the answer's first bytes came, likewise.</summary>
    public long? HeardAt { get; private set; }

    public void Sent(long bytes)
    {
        BytesUp += bytes;
        if (SentAt is null)
        {
            SentAt = Time.GetTimestamp();
            Turn.Times?.Enter(TraceStage.Send);
        }
        if (Phase < CallPhase.Sent) Place?.Asked(bytes);
        Reach(CallPhase.Sent);
    }

    public void Heard(long bytes)
    {
        if (BytesDown == 0 && bytes > 0)
        {
            Place?.Heard();
            HeardAt = Time.GetTimestamp();
        }
        BytesDown += bytes;
        _heard?.Invoke();
    }

    /// <summary>Notes that an event of the upstream goes no further.</summary>
    public void Drop(EventDrop reason) => (_eventsDropped ??= new int[EventDrops.All.Count])[(int)reason]++;

    public int EventsDropped(EventDrop reason) => _eventsDropped?[(int)reason] ?? 0;

    public void Reach(CallPhase phase)
    {
        if (phase > Phase) Phase = phase;
    }
}
