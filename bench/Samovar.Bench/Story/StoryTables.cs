using Samovar.Bench.Reports;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Story;

/// <summary>The story as two tables.</summary>
internal static class StoryTables
{
    public static void Write(StoryPlan plan, IReadOnlyList<TurnSample> samples)
    {
        WriteTurns(plan, samples);
        Console.WriteLine();
        WriteCuts(plan, samples);
    }

    private static void WriteTurns(StoryPlan plan, IReadOnlyList<TurnSample> samples)
    {
        var table = new Table(["turn", "conversation KB", .. plan.Kinds.Select(kind => kind.Name)]);
        foreach (var turn in plan.Turns)
            table.Row([Figures.Show(turn), Figures.Show(StoryPlan.HistoryBytes(turn) / 1000), .. plan.Kinds.Select(kind =>
                samples.FirstOrDefault(sample => sample.Turn == turn && Is(sample, StoryWorkload.Session, kind)) is { } sample
                    ? sample.Error ?? $"{Seconds(sample.TotalMs)} s, {Kilobytes(sample.BytesUp)} KB" : "–")]);
    }

    /// <summary>Each cut beside the same turn without one: the difference is what the cut cost.</summary>
    private static void WriteCuts(StoryPlan plan, IReadOnlyList<TurnSample> samples)
    {
        var table = new Table("transport", "how it goes on", "s without the cut", "s", "s lost", "KB sent again",
            "tokens generated again", "outcome");
        foreach (var kind in plan.Kinds)
        {
            var uncut = samples.FirstOrDefault(sample => Is(sample, StoryWorkload.Uncut, kind));
            foreach (var sample in samples.Where(sample =>
                Is(sample, StoryWorkload.Again, kind) || Is(sample, StoryWorkload.ReadOn, kind)))
                if (uncut is not null)
                    table.Row(kind.Name, Words(sample, kind), Seconds(uncut.TotalMs), Seconds(sample.TotalMs),
                        Seconds(sample.TotalMs - uncut.TotalMs), Kilobytes(sample.BytesUp - uncut.BytesUp),
                        sample.Error is null ? Figures.Show(sample.OutputTokens - uncut.OutputTokens) : "–", sample.Error ?? "complete");
        }
    }

    private static string Words(TurnSample sample, TransportKind kind) => (sample.Cell.Workload, kind) switch
    {
        (StoryWorkload.ReadOn, { IsSocket: true }) => "`response.resume` on a new socket",
        (StoryWorkload.ReadOn, _) => "`background`; `GET …?stream=true&starting_after=N`",
        (_, { SendsAll: true }) => "sends all again",
        (_, { Stores: true }) => "`previous_response_id` again",
        _ => "sends all again on a new socket, which knows nothing",
    };

    private static bool Is(TurnSample sample, string workload, TransportKind kind) =>
        sample.Cell.Workload == workload && sample.Cell.Transport == kind.Name;

    private static string Seconds(double ms) => Figures.Show(ms / 1000, 1);

    private static string Kilobytes(long bytes) => Figures.Show(bytes / 1000.0, 1);
}
