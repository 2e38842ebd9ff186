using Samovar.Protocol.Errors;
using Samovar.Scheduling.Budgets;

namespace Samovar.Budgets;

/// <summary>The shares of the one budget of bytes, for those who take from them.</summary>
/// <remarks>
/// A holder of bytes takes them from a share first, and the next holder counts them before the first gives them back: a request
/// is a frame or a body until its turn is over and a chain as soon as it is kept; an event is the upstream's until it is in the log.
/// </remarks>
internal sealed class MemoryShares
{
    /// <summary>A flow's first bytes that always fit: a small request, a few events.</summary>
    public const int FirstBytes = 64 << 10;

    private readonly ByteShare _frames, _bodies, _logs, _events;
    private Func<long> _parked = static () => 0;
    private Func<long> _cells = static () => 0;

    /// <param name="options">The shares that are bounded here.</param>
    /// <param name="chainBytesMax">Bytes that all who keep chains may keep together.</param>
    /// <param name="parkedBytesMax">Host memory for parked conversations; 0 without an engine.</param>
    public MemoryShares(MemoryOptions options, long chainBytesMax, long parkedBytesMax)
    {
        Options = options;
        (_frames, Frames) = Flows("frames", options.FramesBytesMax);
        (_bodies, Bodies) = Flows("bodies", options.BodiesBytesMax);
        (_logs, Logs) = Flows("logs", options.LogsBytesMax);
        (_events, Events) = Flows("upstream_events", options.EventsBytesMax);
        Chains = new ByteShare("chains", chainBytesMax);
        Budget = new MemoryBudget(
        [
            _frames, _bodies, _logs, _events, Chains,
            new OwnersShare("parked", () => parkedBytesMax, () => _parked()), new OwnersShare("cells", () => _cells(), () => _cells()),
        ]);
    }

    public MemoryOptions Options { get; }
    public MemoryBudget Budget { get; }
    public FlowShare Frames { get; }
    public FlowShare Bodies { get; }
    public FlowShare Logs { get; }

    /// <summary>Here the flows are destinations: whatever one upstream sends, the others' events fit.</summary>
    public FlowShare Events { get; }
    public ByteShare Chains { get; }

    /// <summary>The error of a request that found no room; one that would not fit into an empty share either is too large.</summary>
    /// <param name="share">Where it found none.</param>
    /// <param name="weight">What it would hold.</param>
    /// <param name="jsonBytes">Its own size.</param>
    public ApiException NoRoom(FlowShare share, long weight, long jsonBytes)
    {
        var most = share.Share.BytesMax / (1 + Options.FlowMultiple) * Options.FlowMultiple;
        return weight <= most ? NoRoom() : new ApiException(Errors.RequestTooLarge, ["too many", most * jsonBytes / weight]);
    }

    /// <summary>The error of a request that found no room.</summary>
    public ApiException NoRoom() => new(Errors.ServerOverloaded, Options.RetryAfter, retryAfter: Options.RetryAfter);

    /// <summary>Engines may be there: they report from now on what they have parked.</summary>
    /// <param name="parked">Bytes of parked conversations.</param>
    /// <param name="cells">Bytes of its key and value cells, which it holds as long as it is loaded.</param>
    public void WatchEngine(Func<long> parked, Func<long> cells) => (_parked, _cells) = (parked, cells);

    private (ByteShare, FlowShare) Flows(string name, long bytesMax)
    {
        var share = new ByteShare(name, bytesMax);
        return (share, new FlowShare(share, Options.FlowMultiple, FirstBytes));
    }
}
