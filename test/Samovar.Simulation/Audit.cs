using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>Sees everything, and says what must never be.</summary>
internal sealed class Audit
{
    private readonly Dictionary<ResponseId, string> _outputs = [];
    private readonly HashSet<ResponseId> _acknowledged = [];
    private int _runs;

    /// <summary>The first thing that went wrong; null while all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>How often what happened: a schedule in which nothing does proves nothing.</summary>
    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    public IReadOnlyCollection<ResponseId> Acknowledged => _acknowledged;

    public void Count(string what) => Counts[what] = Counts.GetValueOrDefault(what) + 1;

    public void Broke(string fault) => Fault ??= fault;

    /// <summary>No two runs say the same.</summary>
    public string NewOutput(ResponseId id) => $"{id} as said by run {++_runs}";

    public void Claimed(ResponseId root, Incarnation by, NodeState state, bool isFree, bool isForced)
    {
        Count(isForced ? isFree ? "claim (forced, was free)" : "claim (forced)" : "claim");
        if (state != NodeState.Active) Broke($"{by}, whose row is {state}, was given the tree of {root}.");
        if (!isFree && !isForced) Broke($"{by} took the tree of {root} from one that lives.");
    }

    public void Stored(SimRow row, bool isOwner)
    {
        Count("stored");
        if (!isOwner) Broke($"{row.Id} was appended by one that does not own its tree.");
        Visible(row.Id, row.Output);
    }

    /// <summary>A client has read output of a response.</summary>
    public void Heard(ResponseId id, string output) => Visible(id, output);

    /// <summary>A client was told that a response is complete.</summary>
    public void Completed(ResponseId id, string output, Rows rows)
    {
        Count("completed");
        Visible(id, output);
        if (rows.Find(id) is null) Broke($"{id} was told as completed and is stored nowhere.");
        _acknowledged.Add(id);
    }

    /// <summary>A turn is about to run behind what it read of its chain.</summary>
    public void Context(SimTurn turn, IReadOnlyList<ResponseId> path)
    {
        if (!path.SequenceEqual(turn.Path)) Broke($"{turn.Id} continues {path.Count} responses, not {turn.Path.Count}.");
    }

    public void Lost(Rows rows)
    {
        foreach (var id in _acknowledged)
            if (rows.Find(id) is null) Broke($"{id} was acknowledged and is lost.");
    }

    private void Visible(ResponseId id, string output)
    {
        if (_outputs.TryAdd(id, output) || _outputs[id] == output) return;
        Broke($"{id} has two outputs: {_outputs[id]}, and {output}.");
    }
}
