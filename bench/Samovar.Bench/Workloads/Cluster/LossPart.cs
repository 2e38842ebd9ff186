using System.Diagnostics;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Cluster;

/// <summary>How a conversation loses its owner.</summary>
internal enum Loss
{
    /// <summary>Its process ends without a word.</summary>
    Kill,

    /// <summary>Its process stands still and keeps its connections.</summary>
    Stop,

    /// <summary>It is asked to stop while another turn is at work there.</summary>
    Drain,
}

/// <summary>From the loss of a conversation's owner to the beginning of its next turn at another node.</summary>
internal sealed class LossPart(ClusterLab lab, ClusterPlan plan, Loss loss)
{
    private const int WarmTurns = 30, LongTurn = 1000;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2), LateAfter = TimeSpan.FromMinutes(1);
    private readonly List<double> _created = [], _ends = [], _again = [];
    private int _failures;

    public async Task RunAsync(CancellationToken stop)
    {
        var address = lab.NewAddress();
        await using var other = await ClusterLab.StartAsync(address, "node-b", Pace);
        for (var round = 0; round < plan.Rounds; round++)
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await using var owner = await ClusterLab.StartAsync(address, $"node-{loss}-{round}", Pace);
            late.CancelAfter(LateAfter);
            await RoundAsync(owner, other, late.Token);
        }
        var table = new Table("owner", "`response.created` at another node after ms", "end after ms", "created of the turn after it, ms",
            "turns that failed");
        table.Row(Name, Figures.ShowAll(_created), Figures.ShowAll(_ends), Figures.ShowAll(_again, 1), $"{_failures}");
    }

    private string Name => loss switch
    {
        Loss.Kill => "killed",
        Loss.Stop => "stopped (SIGSTOP)",
        _ => "drains (SIGTERM, a turn at work)",
    };

    private async Task RoundAsync(ClusterNode owner, ClusterNode other, CancellationToken late)
    {
        var last = (await owner.TurnAsync(null, PacedEngine.AtOnce, late)).ResponseId;
        for (var turn = 0; turn < WarmTurns; turn++)
        {
            last = (await owner.TurnAsync(last, PacedEngine.AtOnce, late)).ResponseId;
            last = (await other.TurnAsync(last, PacedEngine.AtOnce, late)).ResponseId;
            await other.TurnAsync(null, PacedEngine.AtOnce, late);
        }
        var working = loss == Loss.Drain ? await BeginAsync(owner, late) : Task.CompletedTask;
        await LoseAsync(owner);
        var since = Stopwatch.GetTimestamp();
        last = await NextAsync(other, last, since, late);
        _again.Add((await other.TurnAsync(last, PacedEngine.AtOnce, late)).FirstEvent.TotalMilliseconds);
        await working;
    }

    /// <summary>A long turn of another conversation: it has begun when this returns.</summary>
    private static async Task<Task> BeginAsync(ClusterNode owner, CancellationToken late)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var turn = owner.TurnAsync(null, LongTurn, late, _ => begun.TrySetResult());
        await Task.WhenAny(begun.Task, turn);
        return turn;
    }

    private Task LoseAsync(ClusterNode owner)
    {
        if (loss != Loss.Kill) return owner.Process.SignalAsync(loss == Loss.Stop ? "STOP" : "TERM");
        owner.Process.Kill();
        return Task.CompletedTask;
    }

    /// <summary>Asked until it is answered.</summary>
    private async Task<string?> NextAsync(ClusterNode other, string? last, long since, CancellationToken late)
    {
        while (true)
        {
            var began = Stopwatch.GetElapsedTime(since);
            var figures = await other.TryAsync(last, PacedEngine.AtOnce, late);
            if (figures.Error is not null)
            {
                _failures++;
                continue;
            }
            _created.Add((began + figures.FirstEvent).TotalMilliseconds);
            _ends.Add((began + figures.Total).TotalMilliseconds);
            return figures.ResponseId;
        }
    }
}
