using Samovar.Bench.Samples;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Workloads.Targets;

/// <summary>Everything that was measured of a target.</summary>
internal sealed class TargetReport
{
    private readonly Dictionary<(TargetMode Mode, int Bytes), List<HistoryRound>> _histories = [];

    public List<ModeProbe> Probes { get; } = [];
    public List<ReconnectFigures> Reconnects { get; } = [];
    public List<DeathFigures> Deaths { get; } = [];
    public IReadOnlyDictionary<(TargetMode Mode, int Bytes), List<HistoryRound>> Histories => _histories;

    public void Add(TargetMode mode, int bytes, HistoryRound round)
    {
        if (!_histories.TryGetValue((mode, bytes), out var rounds)) _histories[(mode, bytes)] = rounds = [];
        rounds.Add(round);
    }

    /// <summary>What belongs to no turn.</summary>
    public IEnumerable<MeasuredValue> Values(Target target)
    {
        foreach (var ((mode, bytes), rounds) in _histories)
        {
            var conditions = $"{target.Name}, {mode.Name}, {bytes} B of history, {rounds[0].Samples.Max(turn => turn.Turn)} turns";
            yield return Of("bytes to the upstream", "B", upstream => upstream.BytesIn);
            yield return Of("upstream connections opened", "connections", upstream => upstream.Connections);

            MeasuredValue Of(string name, string unit, Func<StubCounts, long> count) => new(
                $"{name}, {target.Name}, {mode.Name}, {bytes} B", unit, [.. rounds.Select(round => (double)count(round.Upstream))],
                conditions);
        }
        foreach (var death in Deaths.Where(death => death.HasDied))
            yield return new MeasuredValue($"failures when a destination died, {target.Name}, {death.Mode.Name}", "failures",
                [death.Failures], $"{death.Lost} turns lost, {death.Resends} sent whole again");
    }
}
