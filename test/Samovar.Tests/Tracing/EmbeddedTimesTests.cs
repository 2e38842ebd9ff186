using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Tests.Backends.Embedded;
using Samovar.Tracing;

namespace Samovar.Tests.Tracing;

/// <summary>What the embedded backend notes of a turn.</summary>
public sealed class EmbeddedTimesTests
{
    [Fact]
    public async Task Prompt_IsRenderedAndTokenised_AndTheEngineIsAskedForItsTimes()
    {
        var talk = new Talk(Families.ChatMl);
        var trace = new TurnTrace(TenantId.Local, new ResponseId("resp_1"), LaneId.Default, 0, 64);
        await RunAsync(talk, trace);
        var spans = trace.Spans();
        Assert.Equal([TraceStage.Render, TraceStage.Tokenise], spans.Take(2).Select(span => span.Stage));
        Assert.Equal(spans[0].To, spans[1].From);
        Assert.Equal(talk.Engine.Turns[0].Prompt.Length, spans[1].Amount);
        Assert.True(spans[0].Amount > spans[1].Amount);
        Assert.Equal(TraceStage.Decode, trace.Stage);
        Assert.Equal(64, talk.Engine.Turns[0].SpansMax);
    }

    [Fact]
    public async Task UntracedTurn_AsksTheEngineForNothing()
    {
        var talk = new Talk(Families.ChatMl);
        await RunAsync(talk, trace: null);
        Assert.Equal(0, talk.Engine.Turns[0].SpansMax);
    }

    private static async Task RunAsync(Talk talk, TurnTrace? trace)
    {
        var turn = talk.Says("hello").Turn(null, Talk.Request(new { input = new[] { Talk.User("What time is it?") } }));
        await foreach (var _ in talk.Backend.RunAsync(turn with { Times = trace }, Soon.Token)) { }
    }
}
