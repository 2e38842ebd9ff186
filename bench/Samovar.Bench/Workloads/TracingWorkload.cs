using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Embedded;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Protocol.Ids;
using Samovar.Testing.Core;
using Samovar.Turns;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What tracing adds to a turn: the same turns with and without it, in alternating stretches, through the core and an engine that takes no
/// time. There is no socket and no model: the share that it has of a real turn is smaller. Time is that of the thread which does
/// it all, and stretches are short.
/// </summary>
/// <param name="Outputs">Tokens that turns say.</param>
/// <param name="Rounds">Pairs of stretches, one without and one with; the medians count.</param>
/// <param name="TokensPerRound">Turns of a stretch say about so many together.</param>
/// <param name="Model">A model to serve turns with; null: none is.</param>
internal sealed record TracingWorkload(int[] Outputs, int Rounds, int TokensPerRound, string? Model)
{
    private const int TurnsMin = 2, FixedTokens = 50; // what a turn costs beside its tokens, in tokens
    private const int KeptMax = 2000; // as a server does
    private const int WarmTokens = 100, WarmTurns = 1000;
    private const int AttemptsMax = 100;

    public async Task RunAsync()
    {
        var costs = TraceCosts.Show(Rounds);
        Console.WriteLine();
        await new ServedTraces(Model, Outputs, costs).ShowAsync();
        var table = new Table(
            "tokens out", "noted", "pairs", "µs a turn, off", "added µs: median (half of all)", "added %", "bytes allocated, off",
            "added");
        await WarmAsync();
        foreach (var tokens in Outputs)
            foreach (var isEach in new[] { false, true })
                await CompareAsync(table, tokens, isEach);
    }

    /// <summary>Until what turns use is compiled as well as it will be.</summary>
    private static async Task WarmAsync()
    {
        foreach (var keptMax in new[] { 0, KeptMax, 0, KeptMax })
        {
            await using var house = new House(WarmTokens, keptMax, isEach: true);
            await house.RunAsync(WarmTurns);
        }
    }

    private async Task CompareAsync(Table table, int tokens, bool isEach)
    {
        await using var off = new House(tokens, keptMax: 0, isEach);
        await using var on = new House(tokens, KeptMax, isEach);
        var turns = Math.Max(TurnsMin, TokensPerRound / (tokens + FixedTokens));
        await off.RunAsync(turns);
        on.Fill(KeptMax, isEach ? tokens : 1);
        await on.RunAsync(turns);
        var (without, added) = (new List<Cost>(), new List<Cost>());
        for (var round = 0; round < Rounds; round++)
        {
            var isOnFirst = round % 2 != 0; // whoever is second finds the caches as the other left them
            var first = await (isOnFirst ? on : off).RunAsync(turns);
            var second = await (isOnFirst ? off : on).RunAsync(turns);
            var (plain, traced) = isOnFirst ? (second, first) : (first, second);
            without.Add(plain);
            added.Add(new Cost(traced.Microseconds - plain.Microseconds, traced.Bytes - plain.Bytes));
        }
        var (time, more) = (Median(without, cost => cost.Microseconds), Median(added, cost => cost.Microseconds));
        table.Row(Figures.Show(tokens), isEach ? "each event" : "each burst", Figures.Show(Rounds), Figures.Show(time, 1),
            SpreadOf([.. added.Select(cost => cost.Microseconds)], digits: 1), Figures.Show(100 * more / time, 1),
            Figures.Show(Median(without, cost => cost.Bytes)), Figures.Show(Median(added, cost => cost.Bytes)));
    }

    /// <summary>The median, and between which values half of all lie.</summary>
    internal static string SpreadOf(IReadOnlyList<double> values, int digits) => $"{Figures.Show(Figures.Median(values), digits)} ("
        + $"{Figures.Show(Figures.Percentile(values, 0.25), digits)}–{Figures.Show(Figures.Percentile(values, 0.75), digits)})";

    private static double Median(IEnumerable<Cost> costs, Func<Cost, double> of) => Figures.Median(costs.Select(of));

    private sealed record Cost(double Microseconds, double Bytes);

    private sealed class House : IAsyncDisposable
    {
        private readonly InstantEngine _engine;
        private readonly CoreHouse _house;
        private readonly bool _isEach;

        public House(int tokens, int keptMax, bool isEach)
        {
            (_isEach, _engine) = (isEach, InstantEngine.Saying(tokens));
            _house = new CoreHouse(
                backends: _ => [new EmbeddedBackend(_engine, new EmbeddedOptions(), TimeProvider.System, new IdSource(),
                    NullLogger<EmbeddedBackend>.Instance)]);
            _house.Tracing.KeptMax = keptMax;
        }

        /// <summary>As many traces are kept as may be: from here on one goes for each that comes.</summary>
        public void Fill(int kept, int writes)
        {
            for (var at = 0; at < kept; at++)
            {
                var trace = _house.Traces.Begin(TenantId.Local, new ResponseId($"resp_before{at}"), LaneId.Default, 0, default);
                for (var write = 0; write < writes; write++) trace.Write(write, write, 1, isLast: false);
                _house.Traces.End(trace);
            }
        }

        public async Task<Cost> RunAsync(int turns)
        {
            for (var attempt = 0; attempt < AttemptsMax; attempt++)
                if (await TryRunAsync(turns) is { } cost) return cost;
            throw new InvalidOperationException("Turns go on upon another thread each time.");
        }

        /// <returns>Null where another thread did a part of it.</returns>
        private async Task<Cost?> TryRunAsync(int turns)
        {
            var (began, thread, bytes) = (ThreadClock.Now, Environment.CurrentManagedThreadId, GC.GetTotalAllocatedBytes(precise: true));
            for (var turn = 0; turn < turns; turn++) await RunAsync();
            return thread != Environment.CurrentManagedThreadId ? null : new Cost((ThreadClock.Now - began).TotalMicroseconds / turns,
                (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / turns);
        }

        private async Task RunAsync()
        {
            var turn = _house.Begin(Ask.Text("What time is it?") with { Store = false });
            using (var reader = (await turn.Began).Open())
                while (await reader.WaitAsync(CancellationToken.None)) Read(reader);
            await turn.Ended;
        }

        /// <summary>As the writers of a server do: what is there goes out together, and is one write.</summary>
        private void Read(LogReader reader)
        {
            var (from, bytes, isLast) = (Now(reader), 0L, false);
            while (reader.TryRead(out var e))
            {
                (bytes, isLast) = (bytes + e.Bytes, e.IsTerminal);
                if (!_isEach) continue;
                reader.Times?.Write(from, Now(reader), bytes, isLast);
                (from, bytes) = (Now(reader), 0);
            }
            if (bytes > 0) reader.Times?.Write(from, Now(reader), bytes, isLast);
        }

        private static long Now(LogReader reader) => reader.Times is null ? 0 : TimeProvider.System.GetTimestamp();

        public async ValueTask DisposeAsync()
        {
            _house.Dispose();
            await _engine.DisposeAsync();
        }
    }
}
