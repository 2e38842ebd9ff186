namespace Samovar.Scheduling.Fairness;

/// <summary>
/// Places for work that cannot be taken back once it runs, of which a part always stays open for flows that have none or few. Safe for all
/// threads.
/// </summary>
/// <remarks>
/// One place in <c>openPart</c> is kept open: any flow may take the others, so one that is alone gets nearly all. Of what is open a flow
/// gets its first place in any case, and more only while it holds less than the same part of what is free (dynamic thresholds, as switches
/// share their buffers; no configuration names the flows). So as many newcomers as there are open places always find one, whatever those
/// who came before hold; and one newcomer among floods gets several at once. Fewer places than <c>openPart</c> leave none open.
/// </remarks>
/// <param name="placesMax">All places; at least 1.</param>
/// <param name="openPart">One of that many places is kept open.</param>
public sealed class SharedPlaces(int placesMax, int openPart = SharedPlaces.OpenPart)
{
    /// <summary>One place in eight: a flow that is alone has 7/8 of them.</summary>
    public const int OpenPart = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<FlowId, int> _held = [];
    private int _taken;

    /// <summary>The rule alone, for places that somebody else counts.</summary>
    /// <param name="places">All of them.</param>
    /// <param name="free">Those that nobody holds.</param>
    /// <param name="held">Those that the flow holds.</param>
    /// <param name="openPart">One of that many places is kept open.</param>
    public static bool MayTake(int places, int free, int held, int openPart) =>
        free > 0 && (held == 0 || free > places / openPart || held < free / openPart);

    /// <summary>Places that are taken.</summary>
    public int Taken { get { lock (_gate) return _taken; } }

    /// <summary>Places that a flow holds.</summary>
    public int TakenBy(FlowId flow) { lock (_gate) return _held.GetValueOrDefault(flow); }

    /// <summary>Takes a place; false when all are taken, or when the flow holds its share of those that are left.</summary>
    public bool TryTake(FlowId flow)
    {
        lock (_gate)
        {
            var (free, held) = (placesMax - _taken, _held.GetValueOrDefault(flow));
            if (!MayTake(placesMax, free, held, openPart)) return false;
            _held[flow] = held + 1;
            _taken++;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    /// <returns>Places that are still taken.</returns>
    public int GiveBack(FlowId flow)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue(flow, out var held)) throw new InvalidOperationException($"Flow {flow} holds no place.");
            if (held == 1) _held.Remove(flow);
            else _held[flow] = held - 1;
            return --_taken;
        }
    }
}
