using Samovar.Bench.Samples;

namespace Samovar.Bench.Reports;

/// <summary>One number that the capacity formula takes.</summary>
/// <param name="Key">Stable: the page's calculator finds it by this.</param>
/// <param name="Value">Null where the run did not measure it.</param>
/// <param name="Spread">Null for an assumption, which a reader replaces by his own.</param>
internal sealed record CapacityInput(string Key, string Name, string Unit, double? Value, Spread? Spread, string Source);

/// <summary>What a number of live sessions needs; null where an input of it is not known.</summary>
/// <param name="Nodes">The largest of the three before.</param>
/// <param name="IngressGbits">Of clients that send what is new; beside it of clients that send everything.</param>
/// <param name="KvTerabytes">Of the sessions whose KV state is kept hot.</param>
internal sealed record CapacityNeeds(
    double? TurnsPerSecond, double? NodesByProcessor, double? NodesByMemory, double? NodesByNetwork, double? Nodes, double? SessionsPerNode,
    double? IngressGbits, double? IngressWholeGbits, double? KvTerabytes, double? Accelerators, double? StoredGigabytesPerDay);

/// <summary>
/// The capacity formula, in one place for the page, the documentation and the tests; <c>capacity.ts</c> has the same for a reader's inputs.
/// </summary>
internal sealed record Capacity(IReadOnlyList<CapacityInput> Inputs)
{
    private const string Assumed = "assumption", Published = "published: 10 turns in 40 s", FromSamples = "turns of this run";

    public CapacityNeeds Needs { get; } = Need(Inputs.ToDictionary(input => input.Key, input => input.Value));

    public static Capacity Of(IReadOnlyList<CellFigures> cells, IReadOnlyList<MeasuredValue> values)
    {
        CapacityInput Measured(string key, string name, string unit, string value) =>
            Known(key, name, unit, values.FirstOrDefault(one => one.Name == value) is { } found ? Spread.Of(found.Values) : null,
                values.FirstOrDefault(one => one.Name == value)?.Conditions ?? "");
        CapacityInput OfCell(string key, string name, string unit, string transport, Func<CellFigures, Spread?> figure)
        {
            var cell = cells.Where(one => one.Cell.Transport == transport && figure(one) is { Count: >= Spread.CountMin })
                .OrderBy(one => one.Cell.Workload == "fix-test" ? 0 : 1).ThenBy(one => one.Cell.Link == "lan" ? 0 : 1).FirstOrDefault();
            return Known(key, name, unit, cell is null ? null : figure(cell),
                cell is null ? "" : $"{FromSamples}: {cell.Cell.Workload}, {transport}, {cell.Cell.Backend}, {cell.Cell.Link}");
        }
        return new Capacity(
        [
            Assume("sessions", "live sessions", "", 1e6), Known("turn_seconds", "time from turn to turn", "s", 4, Published),
            Assume("turns_kept", "turns of a session in memory", "", 10),
            Assume("context_tokens", "tokens of a session's context", "", 20_000),
            Assume("hot_share", "share of the sessions whose KV state is kept hot", "", 0.1),
            Assume("cores", "cores of a node", "", 16), Assume("memory_gb", "memory of a node", "GB", 64),
            Assume("network_gbits", "network of a node", "Gbit/s", 10), Assume("use", "share of a node that is used", "", 0.6),
            Assume("accelerator_gb", "memory for KV state of an accelerator", "GB", 60),
            Measured("idle_bytes", "memory of an idle session", "B", ConstantNames.IdleBytes),
            Measured("chain_bytes", "memory of a turn that is kept", "B", ConstantNames.ChainBytes),
            Measured("stored_bytes", "disk of a stored turn", "B", ConstantNames.StoredBytes),
            Measured("kv_bytes", "KV state of a token", "B", ConstantNames.KvBytes),
            OfCell("cpu_ms", "processor time of a turn", "ms", "ws", cell => cell.ServerCpuMs),
            OfCell("up_bytes", "bytes up of a turn, what is new", "B", "ws", cell => cell.BytesUp?.Times(1.0 / cell.Turns)),
            OfCell("up_whole_bytes", "bytes up of a turn, whole history", "B", "http-whole", cell => cell.BytesUp?.Times(1.0 / cell.Turns)),
            OfCell("down_bytes", "bytes down of a turn", "B", "ws", cell => cell.BytesDown?.Times(1.0 / cell.Turns)),
        ]);
    }

    public static CapacityNeeds Need(IReadOnlyDictionary<string, double?> inputs)
    {
        double? In(string key) => inputs.GetValueOrDefault(key);
        var turns = In("sessions") / In("turn_seconds");
        var byProcessor = turns * In("cpu_ms") / 1000 / (In("cores") * In("use"));
        var byMemory = In("sessions") * (In("idle_bytes") + In("turns_kept") * In("chain_bytes")) / (In("memory_gb") * 1e9 * In("use"));
        var traffic = In("up_bytes") is { } up && In("down_bytes") is { } down ? Math.Max(up, down) : (double?)null;
        var byNetwork = turns * traffic * 8 / (In("network_gbits") * 1e9 * In("use"));
        var nodes = byProcessor is null || byMemory is null || byNetwork is null ? (double?)null
            : Math.Ceiling(Math.Max(byProcessor.Value, Math.Max(byMemory.Value, byNetwork.Value)));
        var state = In("sessions") * In("hot_share") * In("context_tokens") * In("kv_bytes");
        return new CapacityNeeds(turns, byProcessor, byMemory, byNetwork, nodes, In("sessions") / nodes,
            turns * In("up_bytes") * 8 / 1e9, turns * In("up_whole_bytes") * 8 / 1e9, state / 1e12,
            state / (In("accelerator_gb") * 1e9) is { } accelerators ? Math.Ceiling(accelerators) : null,
            turns * 86_400 * In("stored_bytes") / 1e9);
    }

    private static CapacityInput Assume(string key, string name, string unit, double value) => Known(key, name, unit, value, Assumed);

    private static CapacityInput Known(string key, string name, string unit, double value, string source) =>
        new(key, name, unit, value, null, source);

    private static CapacityInput Known(string key, string name, string unit, Spread? spread, string source) =>
        spread is { Count: >= Spread.CountMin } ? new CapacityInput(key, name, unit, spread.Median, spread, source)
            : new CapacityInput(key, name, unit, null, null, "not measured");
}

/// <summary>Names of measured values, as run folders have them.</summary>
internal static class ConstantNames
{
    public const string IdleBytes = "memory of an idle session", ChainBytes = "memory of a kept turn";
    public const string StoredBytes = "disk of a stored turn", KvBytes = "KV state of a token";
    public const string StoringMs = "time that storing adds to a turn";

    public static string AfterRestart(string transport) => "goes on after a restart: " + transport;

    public static string AfterKill(string transport) => "goes on after a kill: " + transport;
}
