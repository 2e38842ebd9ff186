using Samovar.Bench.Samples;

namespace Samovar.Bench.Reports;

/// <summary>A cell of the spectrum table: the published word, and what was measured.</summary>
/// <param name="Measured">A dash where nothing was.</param>
internal sealed record SpectrumCell(string Published, string Measured);

/// <summary>One approach to state, from all of it at the client to all of it at the server.</summary>
internal sealed record SpectrumRow(
    string Approach, string Transport, SpectrumCell State, SpectrumCell Durability, SpectrumCell Latency, SpectrumCell Bandwidth);

/// <summary>The published statefulness spectrum, with a measured number in each of its cells.</summary>
internal sealed record Spectrum(string Conditions, IReadOnlyList<SpectrumRow> Rows)
{
    public static Spectrum Of(IReadOnlyList<CellFigures> cells, IReadOnlyList<MeasuredValue> values)
    {
        var place = cells.Where(cell => cell.PerTurn.Count > 0 && cell.Rounds >= Spread.CountMin)
            .OrderBy(cell => cell.Cell.Backend == "provider-1000" ? 0 : 1).ThenByDescending(cell => cell.Turns)
            .Select(cell => cell.Cell).FirstOrDefault();
        var last = place is null ? 0 : cells.Where(cell => cell.Cell == place).Max(cell => cell.Turns);
        SpectrumRow Row(string approach, string transport, string state, string kept, string durable, string latency, string bytes)
        {
            var cell = place is null ? null : cells.FirstOrDefault(one => one.Cell == place with { Transport = transport });
            var turn = cell?.PerTurn.FirstOrDefault(one => one.Turn == last);
            var holds = kept.Length > 0 ? kept : With(turn?.BytesUp, 0, "B") + " with that turn, sent again by the client";
            return new SpectrumRow(approach, transport, new SpectrumCell(state, holds),
                new SpectrumCell(durable, Durability(transport, values)),
                new SpectrumCell(latency, With(turn?.FirstTokenMs, 1, "ms")),
                new SpectrumCell(bytes, With(turn?.BytesUp, 0, "B") + ", all turns " + With(cell?.BytesUp?.Times(1e-3), 1, "KB")));
        }
        return new Spectrum(place is null ? "Nothing of this was measured."
            : $"Latency: first token of turn {last} of {place.Workload}, {place.Backend}, {place.Link}. Bandwidth: bytes up of that turn, "
                + "and of all turns. Durability: conversations that went on after the server was restarted, and killed, of all "
                + "that were tried; the time that storing adds to a turn. State: what the server keeps of each turn, or the client.",
        [
            Row("HTTP, stateless", "http-whole", "client", "", "n/a", "high, grows", "high, grows"),
            Row("HTTP, store: true", "http-stored", "server, persistent", Kept(values, true), "durable", "medium (reload)", "low"),
            Row("WebSocket, store: false", "ws", "server's memory", Kept(values, false), "volatile", "low", "low"),
            Row("WebSocket, store: true", "ws-stored", "memory and persistent", Kept(values, true), "durable", "low", "low"),
        ]);
    }

    private static string Durability(string transport, IReadOnlyList<MeasuredValue> values)
    {
        string Of(string name) => values.FirstOrDefault(value => value.Name == name) is { Values.Count: >= Spread.CountMin } found
            ? $"{found.Values.Count(value => value > 0)} of {found.Values.Count}" : Spread.None;
        var text = $"restart {Of(ConstantNames.AfterRestart(transport))}, kill {Of(ConstantNames.AfterKill(transport))}";
        return transport.EndsWith("-stored", StringComparison.Ordinal)
            ? $"{text}, {With(Find(values, ConstantNames.StoringMs), 2, "ms")} a turn" : text;
    }

    private static string Kept(IReadOnlyList<MeasuredValue> values, bool isStored) =>
        With(Find(values, ConstantNames.ChainBytes), 0, "B") + " in memory"
        + (isStored ? ", " + With(Find(values, ConstantNames.StoredBytes), 0, "B") + " on the disk" : "");

    private static Spread? Find(IReadOnlyList<MeasuredValue> values, string name) =>
        values.FirstOrDefault(value => value.Name == name) is { } found ? Spread.Of(found.Values) : null;

    private static string With(Spread? spread, int digits, string unit) =>
        Spread.Text(spread, digits) is var text && text == Spread.None ? text : $"{text} {unit}";
}
