using System.Security.Cryptography.X509Certificates;
using Samovar.Bench.Samples;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Transport;

/// <summary>One round of one cell: a conversation from its first turn to its last, measured turn by turn.</summary>
internal sealed record CellRun(SampleCell Cell, int Round, TransportKind Kind, AgentTask Task, bool HasCalls,
    X509Certificate2? Trusted = null)
{
    /// <summary>How long a client waits for a turn.</summary>
    public static readonly TimeSpan TurnMax = TimeSpan.FromMinutes(1);

    /// <param name="server">Where the client connects, a link between them or not.</param>
    /// <param name="processor">What the server has used so far; null where others use it, too.</param>
    /// <param name="done">Hears of each turn that ended.</param>
    public async Task<IReadOnlyList<TurnSample>> RunAsync(
        Uri server, Func<TimeSpan>? processor, Action<TurnSample> done, CancellationToken stop)
    {
        await using var conversation = new AgentConversation(Kind, server, Task, Round, HasCalls, Trusted);
        var samples = new List<TurnSample>();
        var known = 0;
        foreach (var step in Task.Steps)
        {
            if (step.Pause > TimeSpan.Zero) await System.Threading.Tasks.Task.Delay(step.Pause, stop);
            var (wire, used) = (conversation.Wire, processor?.Invoke());
            var started = TimeProvider.System.GetTimestamp();
            var answer = await TurnAsync(conversation, started, stop);
            var sample = Sample(answer, conversation.Wire - wire, processor?.Invoke() - used, samples.Count + 1, known);
            known = answer.InputTokens + answer.OutputTokens;
            samples.Add(sample);
            done(sample);
            if (sample.Error is not null) break; // what a real client does then belongs to the workload that asks for it
        }
        return samples;
    }

    private static async Task<TransportAnswer> TurnAsync(AgentConversation conversation, long started, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(TurnMax);
        try
        {
            return await conversation.StepAsync(late.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new TransportAnswer { Error = "timeout", Total = TimeProvider.System.GetElapsedTime(started) };
        }
    }

    private TurnSample Sample(TransportAnswer answer, WireAmounts wire, TimeSpan? used, int turn, int known) => new()
    {
        Cell = Cell,
        Round = Round,
        Turn = turn,
        BytesUp = wire.Up,
        BytesDown = wire.Down,
        HeaderBytesUp = Math.Max(0, wire.PlainUp - answer.JsonUp),
        HeaderBytesDown = Math.Max(0, wire.PlainDown - answer.JsonDown),
        TlsBytesUp = wire.Up - wire.PlainUp,
        TlsBytesDown = wire.Down - wire.PlainDown,
        Requests = 1,
        Handshakes = wire.Connections,
        FirstTokenMs = answer.FirstOutput?.TotalMilliseconds,
        TotalMs = answer.Total.TotalMilliseconds,
        ServerCpuMs = used?.TotalMilliseconds,
        InputTokens = answer.InputTokens,
        NewTokens = Math.Max(0, answer.InputTokens - known),
        PrefilledTokens = answer.InputTokens - answer.CachedTokens,
        OutputTokens = answer.OutputTokens,
        Error = answer.Error,
    };
}
