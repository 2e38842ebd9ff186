using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Embedded;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Engine;
using Samovar.Protocol.Ids;
using Samovar.Templates;
using Samovar.Testing.Core;
using Samovar.Testing.Engines;
using Samovar.Turns;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What tracing adds to a turn: the same turns with and without it, in alternation, through the core and an engine that takes no time, each
/// event read and noted as a write of its own. There is no socket and no model: the share that it has of a real turn is smaller.
/// </summary>
/// <param name="Outputs">Tokens that turns say.</param>
/// <param name="Rounds">Of each; the medians count.</param>
/// <param name="TokensPerRound">Turns of a round say about so many together.</param>
internal sealed record TracingWorkload(int[] Outputs, int Rounds, int TokensPerRound)
{
    private const int TurnsMin = 20, FixedTokens = 50; // what a turn costs beside its tokens, in tokens

    public async Task RunAsync()
    {
        var table = new Table(
            "tokens out", "turns", "µs of a core a turn, off", "on", "added", "added %", "bytes allocated, off", "added");
        foreach (var tokens in Outputs)
        {
            await using var off = new House(tokens, keptMax: 0);
            await using var on = new House(tokens, keptMax: 2000);
            var turns = Math.Max(TurnsMin, TokensPerRound / (tokens + FixedTokens));
            await off.RunAsync(turns);
            await on.RunAsync(turns);
            var (without, with) = (new List<Cost>(), new List<Cost>());
            for (var round = 0; round < Rounds; round++)
            {
                without.Add(await off.RunAsync(turns));
                with.Add(await on.RunAsync(turns));
            }
            var (time, timeOn) = (Median(without, cost => cost.Microseconds), Median(with, cost => cost.Microseconds));
            var (bytes, bytesOn) = (Median(without, cost => cost.Bytes), Median(with, cost => cost.Bytes));
            table.Row(Figures.Show(tokens), Figures.Show(turns * Rounds), Figures.Show(time, 1), Figures.Show(timeOn, 1),
                Figures.Show(timeOn - time, 1), Figures.Show(100 * (timeOn - time) / time, 1), Figures.Show(bytes),
                Figures.Show(bytesOn - bytes));
        }
    }

    private static double Median(IEnumerable<Cost> costs, Func<Cost, double> of) => Figures.Median(costs.Select(of));

    private sealed record Cost(double Microseconds, double Bytes);

    private sealed class House : IAsyncDisposable
    {
        private readonly InstantEngine _engine;
        private readonly CoreHouse _house;

        public House(int tokens, int keptMax)
        {
            var tokenizer = new FakeTokenizer([new("<|im_start|>"), new("<|im_end|>", EndsTurn: true)], end: "<|im_end|>");
            _engine = new InstantEngine(tokenizer, BuiltInTemplates.ChatMlSource, tokens);
            _house = new CoreHouse(
                backends: _ => [new EmbeddedBackend(_engine, new EmbeddedOptions(), TimeProvider.System, new IdSource(),
                    NullLogger<EmbeddedBackend>.Instance)]);
            _house.Tracing.KeptMax = keptMax;
        }

        public async Task<Cost> RunAsync(int turns)
        {
            using var process = Process.GetCurrentProcess();
            var (cpu, bytes) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes(precise: true));
            for (var turn = 0; turn < turns; turn++) await RunAsync();
            process.Refresh();
            return new Cost((process.TotalProcessorTime - cpu).TotalMicroseconds / turns,
                (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / turns);
        }

        private async Task RunAsync()
        {
            var turn = _house.Begin(Ask.Text("What time is it?") with { Store = false });
            using (var reader = (await turn.Began).Open())
                while (await reader.WaitAsync(CancellationToken.None))
                    while (reader.TryRead(out var e)) Note(reader, e);
            await turn.Ended;
        }

        private static void Note(LogReader reader, in LoggedEvent e)
        {
            if (reader.Times is not { } times) return;
            var from = TimeProvider.System.GetTimestamp();
            times.Write(from, TimeProvider.System.GetTimestamp(), e.Bytes, e.IsTerminal);
        }

        public async ValueTask DisposeAsync()
        {
            _house.Dispose();
            await _engine.DisposeAsync();
        }
    }
}
