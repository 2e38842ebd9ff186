using Samovar.Bench.Transport;

namespace Samovar.Bench.Edge;

/// <summary>One agent's task: a turn that fails or takes too long is asked for again, as agents do, until it gives up.</summary>
/// <param name="server">Where the agent connects.</param>
internal sealed class EdgeRun(EdgePlan plan, AgentTask task, TransportKind kind, Uri server)
{
    private readonly List<TimeSpan> _turns = [];
    private int _timeouts, _errors;
    private string? _error;

    public async Task<EdgeOutcome> RunAsync(CancellationToken stop)
    {
        await using var wire = new AgentWire(kind, server, null, null);
        using var conversation = new AgentConversation(kind, wire, task, Excerpts.Seed($"{task.Name} {kind.Name}"), hasCalls: true);
        var (started, ended) = (TimeProvider.System.GetTimestamp(), 0);
        while (ended < task.Steps.Count && await TurnAsync(conversation, wire, stop)) ended++;
        var total = TimeProvider.System.GetElapsedTime(started);
        return new EdgeOutcome(ended, _timeouts, _errors, wire.Counts.Up, total, _turns.Max(), _error);
    }

    /// <returns>Whether there is an answer.</returns>
    private async Task<bool> TurnAsync(AgentConversation conversation, AgentWire wire, CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            for (var tries = 1; tries <= plan.TriesMax; tries++)
            {
                if (tries > 1) await wire.DisconnectAsync(); // what the agent's own HTTP does with a connection that failed it
                if (await AskAsync(conversation, isFirst: tries == 1, stop)) return true;
            }
            return false;
        }
        finally
        {
            _turns.Add(TimeProvider.System.GetElapsedTime(started));
        }
    }

    private async Task<bool> AskAsync(AgentConversation conversation, bool isFirst, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(plan.TurnMax);
        try
        {
            var answer = isFirst ? await conversation.StepAsync(late.Token) : await conversation.AgainAsync(late.Token);
            if (answer.Error is null) return true;
            (_errors, _error) = (_errors + 1, answer.Error);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            _timeouts++;
        }
        return false;
    }
}

/// <summary>What became of a task.</summary>
/// <param name="Ended">Turns that have an answer.</param>
/// <param name="Timeouts">Requests that took too long.</param>
/// <param name="Errors">Requests that the agent was told an error of, and <paramref name="Error"/>, the newest.</param>
/// <param name="BytesUp">That left the agent.</param>
/// <param name="TurnMax">The longest turn, all of its tries.</param>
internal sealed record EdgeOutcome(
    int Ended, int Timeouts, int Errors, long BytesUp, TimeSpan Total, TimeSpan TurnMax, string? Error);
