using Samovar.Bench.Samples;

namespace Samovar.Bench.Tests.Reports;

/// <summary>Samples by hand, whose figures a reader can work out.</summary>
internal static class MadeSamples
{
    public static readonly RunFacts Facts = new()
    {
        Command = "./samovar bench report", StartedAt = new DateTimeOffset(2026, 11, 29, 0, 0, 0, TimeSpan.Zero), Version = "0.1.0",
        Processor = "a processor", Cores = 2, MemoryBytes = 8L << 30, System = "a system", Runtime = ".NET 10",
    };

    public static SampleCell Cell(string transport, string workload = "loop-20", string backend = "provider-65", string link = "wan") =>
        new(workload, transport, backend, link);

    /// <summary>A round of so many turns, each the same.</summary>
    public static IEnumerable<TurnSample> Round(
        SampleCell cell, int round, int turns, long bytesUp, double firstMs = 100, double totalMs = 1000, string? error = null) =>
        Enumerable.Range(1, turns).Select(turn => new TurnSample
        {
            Cell = cell, Round = round, Turn = turn, BytesUp = bytesUp, BytesDown = 2 * bytesUp, FirstTokenMs = firstMs, TotalMs = totalMs,
            Handshakes = turn == 1 ? 1 : 0, Error = turn == turns ? error : null, NewTokens = 10, PrefilledTokens = 20,
        });

    /// <summary>Three rounds whose bytes are the given ones.</summary>
    public static IEnumerable<TurnSample> Rounds(SampleCell cell, int turns, long[] bytes, double firstMs = 100, double totalMs = 1000) =>
        bytes.SelectMany((up, at) => Round(cell, at + 1, turns, up, firstMs, totalMs));
}
