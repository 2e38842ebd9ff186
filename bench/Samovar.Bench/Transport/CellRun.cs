using System.Security.Cryptography.X509Certificates;
using Samovar.Bench.Samples;

namespace Samovar.Bench.Transport;

/// <summary>One round of one cell: a conversation from its first turn to its last, and those of its sub-agents beside it.</summary>
internal sealed record CellRun(SampleCell Cell, int Round, TransportKind Kind, AgentTask Task, bool HasCalls,
    X509Certificate2? Trusted = null)
{
    /// <summary>Whether each session names its turns by a <c>prompt_cache_key</c>.</summary>
    public bool HasCacheKeys { get; init; }

    private const string First = "1";

    /// <summary>How long a client waits for a turn.</summary>
    public static readonly TimeSpan TurnMax = TimeSpan.FromMinutes(1);

    /// <summary>Of its own, as far as servers may remember: no round finds in a cache what another one said.</summary>
    public int Seed { get; } = Excerpts.Seed($"{Cell} {Round}");

    /// <param name="server">Where the client connects, a link between them or not.</param>
    /// <param name="processor">What the server has used so far; null where others use it, too.</param>
    /// <param name="done">Hears of each turn that ended.</param>
    public async Task<IReadOnlyList<MeasuredTurn>> RunAsync(
        Uri server, Func<TimeSpan>? processor, Action<TurnSample> done, CancellationToken stop)
    {
        await using var shared = Task.SharesSocket && Kind.IsSocket ? new SharedSocket(Kind, server, Trusted) : null;
        var alone = Task.SubAgents.Count == 0 ? processor : null;
        return await SessionAsync(Task, First, () => new AgentWire(Kind, server, Trusted, shared), alone, done, stop);
    }

    /// <summary>A session and those that it sets to work; their turns stand behind its own.</summary>
    private async Task<List<MeasuredTurn>> SessionAsync(AgentTask task, string name, Func<AgentWire> open, Func<TimeSpan>? processor,
        Action<TurnSample> done, CancellationToken stop)
    {
        await using var wire = open();
        if (Kind.OpensAhead) await wire.WarmAsync(stop);
        using var session = new ConversationRun(this, task, name, wire, processor);
        var beside = new List<(SubAgent Agent, Task<List<MeasuredTurn>> Running)>();
        var turns = new List<MeasuredTurn>();
        try
        {
            for (var turn = 0; turn < task.Steps.Count; turn++)
            {
                beside.AddRange(task.SubAgents.Where(agent => agent.After == turn).Select(agent => (agent, SubAgentAsync(agent))));
                await PauseAsync(task.Steps[turn].Pause, stop); // an agent thinks, or its tools run, while its sub-agents work
                await System.Threading.Tasks.Task.WhenAll(beside.Where(one => one.Agent.Before <= turn).Select(one => one.Running));
                turns.Add(await session.TurnAsync(stop));
                done(turns[^1].Sample);
                if (turns[^1].Sample.Error is not null) break; // what a real client does then belongs to the workload that asks for it
            }
            if (turns.Count == task.Steps.Count && turns[^1].Sample.Error is null)
                beside.AddRange(task.SubAgents.Where(agent => agent.After >= turns.Count)
                    .Select(agent => (agent, SubAgentAsync(agent))));
        }
        finally
        {
            await System.Threading.Tasks.Task.WhenAll(beside.Select(one => one.Running));
        }
        return [.. turns, .. beside.SelectMany(one => one.Running.Result)];

        async Task<List<MeasuredTurn>> SubAgentAsync(SubAgent agent)
        {
            await PauseAsync(agent.Pause, stop);
            return await SessionAsync(agent.Task, agent.Session, open, processor, done, stop);
        }
    }

    private static Task PauseAsync(TimeSpan pause, CancellationToken stop) =>
        pause > TimeSpan.Zero ? System.Threading.Tasks.Task.Delay(pause, stop) : System.Threading.Tasks.Task.CompletedTask;
}
