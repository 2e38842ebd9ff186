using System.Text.Json;
using Samovar.Server.Monitoring.Traces;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Tests.Running;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Tracing;

/// <summary>Traces of turns that lost their socket and were read again on another.</summary>
public sealed class ResumedTraceTests : ResumableTurns
{
    [Fact]
    public async Task ResumedTurn_HasOneTrace_WithTheWritesOfBothConnections()
    {
        var gate = await StartAsync(ScriptPhase.Finishing);
        await using var first = await ConnectAsync();
        await first.SendAsync(Create);
        List<JsonElement> seen = [await first.ReceiveAsync()];
        var id = IdOf(seen[0]);
        await Soon.In(gate.Reached);
        Assert.Equal("running", (await LongTurnTraceTests.TraceAsync(Server, id)).Status);
        first.Drop();
        await SoonOrphanedAsync();
        Time.Advance(TimeSpan.FromSeconds(2)); // nobody reads it
        await using var second = await ConnectAsync();
        await second.SendAsync(Resume(id, after: 0));
        seen.Add(await second.ReceiveAsync());
        gate.Open();
        while (!ClientSocket.IsTerminal(seen[^1])) seen.Add(await second.ReceiveAsync());
        var trace = await LastWrittenAsync(id, afterUs: 2_000_000, [.. seen.Skip(1)]);
        Assert.Equal(("completed", 1, null), (trace.Outcome, trace.Resumed, trace.Background));
        Assert.Equal(["receive", "read", "queue", "match"], trace.Spans.Take(4).Select(span => span.Stage));
        Assert.Contains(trace.Spans, span => span.Stage == "store");
        Assert.True(trace.Spans.First(span => span.Stage == "write").StartUs < 2_000_000); // to the socket that was lost
    }

    [Fact]
    public async Task TurnThatIsOver_IsReadAgain_AndItsTraceStaysAsItWas()
    {
        await StartAsync();
        await using var socket = await ConnectAsync();
        var all = await socket.AskAsync(Create);
        var id = IdOf(all[0]);
        var trace = await LastWrittenAsync(id, afterUs: 0, all);
        await socket.AskAsync(Resume(id, after: -1));
        var again = await LongTurnTraceTests.TraceAsync(Server, id);
        Assert.Equal(trace.Spans, again.Spans);
        Assert.Equal(trace.TotalUs, again.TotalUs);
    }

    /// <summary>The turn's trace, once all that was read from a time on is among its writes: the last is noted just behind it.</summary>
    private async Task<TraceReport> LastWrittenAsync(string id, double afterUs, IReadOnlyList<JsonElement> read)
    {
        var late = Soon.Token;
        while (true)
        {
            late.ThrowIfCancellationRequested();
            var trace = await LongTurnTraceTests.EndedTraceAsync(Server, id);
            var written = trace.Spans.Where(span => span.Stage == "write" && span.StartUs >= afterUs).Sum(span => span.Amount);
            if (written == read.Sum(static e => e.GetRawText().Length)) return trace;
            await Task.Yield();
        }
    }
}
