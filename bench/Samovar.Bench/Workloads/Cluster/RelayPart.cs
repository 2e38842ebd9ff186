using System.Buffers.Text;
using System.Diagnostics;
using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Cluster;

/// <summary>Turns of stored conversations sent to their owner, and the same sent to another node, in alternation.</summary>
internal sealed class RelayPart(ClusterLab lab, ClusterPlan plan)
{
    private const int ConversationTurns = 20, Events = 200, LongShare = 20;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);

    public async Task RunAsync(CancellationToken stop)
    {
        var nodes = await ClusterLab.StartAsync(lab.NewAddress(), 2, Pace);
        try
        {
            var rounds = new List<Round>();
            for (var round = -1; round < plan.Rounds; round++)
            {
                var measured = new Round();
                await PlayAsync(nodes, plan.Turns, PacedEngine.AtOnce, measured.Short, stop);
                await PlayAsync(nodes, Math.Max(1, plan.Turns / LongShare), Events, measured.Long, stop);
                if (round >= 0) rounds.Add(measured);
            }
            Show(rounds);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    /// <summary>The first node owns all of them.</summary>
    private static async Task PlayAsync(ClusterNode[] nodes, int turns, int tokens, Times[] times, CancellationToken stop)
    {
        string? last = null;
        for (var turn = 0; turn < turns; turn++)
            for (var at = 0; at < 2; at++)
            {
                if (at == 0 && turn % ConversationTurns == 0) last = (await nodes[0].TurnAsync(null, tokens, stop)).ResponseId;
                var measured = times[at];
                var figures = await nodes[at].TurnAsync(last, tokens, stop, measured.See);
                measured.Add(figures);
                last = figures.ResponseId;
            }
    }

    private static void Show(List<Round> rounds)
    {
        var table = new Table("ms", "at its owner", "at another node", "added");
        foreach (var (what, parts, digits) in new (string, Func<Round, IReadOnlyList<List<double>>>, int)[]
        {
            ("to `response.created`", round => [.. round.Short.Select(times => times.Created)], 2),
            ("to the first output", round => [.. round.Short.Select(times => times.First)], 2),
            ("to the end of a turn of few tokens", round => [.. round.Short.Select(times => times.End)], 2),
            ($"from the engine to the client, each of {Events} tokens at {Pace.TotalMilliseconds} ms",
                round => [.. round.Long.Select(times => times.Events)], 3),
        })
            foreach (var (name, share) in new[] { ("p50", 0.5), ("p99", 0.99) })
            {
                List<double> Of(int at) => [.. rounds.Select(round => Figures.Percentile(parts(round)[at], share))];
                var (own, other) = (Of(0), Of(1));
                table.Row($"{what}, {name}", Figures.ShowAll(own, digits), Figures.ShowAll(other, digits),
                    Figures.ShowAll(other.Zip(own, (far, near) => far - near), digits));
            }
        Console.WriteLine($"\n{rounds.Sum(round => round.Short[1].End.Count):N0} turns of few tokens and "
            + $"{rounds.Sum(round => round.Long[1].End.Count):N0} long ones at each; "
            + $"{Figures.Show(rounds.Average(round => round.Long[1].Events.Count / (double)round.Long[1].End.Count))} "
            + "events with text in a relayed long turn.");
    }

    /// <summary>At the owner, and at the other node.</summary>
    private sealed class Round
    {
        public Times[] Short { get; } = [new(), new()];
        public Times[] Long { get; } = [new(), new()];
    }

    private sealed class Times
    {
        public List<double> Created { get; } = [];
        public List<double> First { get; } = [];
        public List<double> End { get; } = [];

        /// <summary>From the engine to here, each event with text.</summary>
        public List<double> Events { get; } = [];

        public void Add(TurnFigures figures)
        {
            Created.Add(figures.FirstEvent.TotalMilliseconds);
            First.Add((figures.FirstOutput ?? figures.Total).TotalMilliseconds);
            End.Add(figures.Total.TotalMilliseconds);
        }

        /// <summary>What the engine says is when it said it.</summary>
        public void See(ReadOnlyMemory<byte> json)
        {
            var now = Stopwatch.GetTimestamp();
            if (json.Span.IndexOf("\"response.output_text.delta\""u8) < 0) return;
            var field = "\"delta\":\""u8;
            var at = json.Span.IndexOf(field);
            if (at < 0) return;
            var text = json.Span[(at + field.Length)..].TrimStart((byte)' '); // the space behind a word comes with the next one
            if (Utf8Parser.TryParse(text, out long said, out _))
                Events.Add(Stopwatch.GetElapsedTime(said, now).TotalMilliseconds);
        }
    }
}
