using Samovar.Client.Events;
using Samovar.Protocol.Errors;
using Samovar.Testing;
using Samovar.Testing.Scripts;

namespace Samovar.Client.Tests;

/// <summary>Turns that are steered, and lost afterwards.</summary>
public sealed class SteeredTurnTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The response that follows is lost, and begins anew: with the words, behind the one that was steered.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Words_AreSaidAgain_WhenTheResponseThatFollowsIsLost(bool store)
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var lane = connection.Start();
        var speaking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Backend.OnPhase = async (turn, phase, ends) =>
        {
            if (phase != ScriptPhase.Speaking || lab.Backend.Turns > 2) return;
            if (lab.Backend.Turns == 2) throw new ApiException(Protocol.Errors.Errors.ServerRestart);
            speaking.TrySetResult();
            await Task.Delay(Timeout.Infinite, ends);
        };
        var talk = Lab.ListAsync(lane.StreamAsync(Lab.Say("[[final=a long story]]", store), Cancelled));
        await Soon.In(speaking.Task);
        await Soon.UntilAsync(() => lane.IsSteerable);
        await Soon.In(lane.SteerAsync("shorter [[final=the end]]", Cancelled));
        var events = await Soon.In(talk);
        var again = events.FindIndex(static e => e is TurnEvent.Restarted);
        Assert.Equal("the end", Lab.TextOf(events.Skip(again)));
        Assert.Equal((3, "the end"), (lab.Backend.Turns, lane.Newest!.Text));
        lab.Backend.OnPhase = null;
        await using var other = lab.Connect();
        if (store) await connection.DeleteAsync(lane.NewestId!, Cancelled); // so that the next turn needs everything that was said
        var next = await other.Continue(lane.Newest!).RunAsync(Lab.Say("and then?", store), Cancelled);
        Assert.Equal("the end", next.Text);
        var said = lane.Newest!.Node.AllItems().Select(static item => item.ToString()).ToList();
        Assert.Single(said, static item => item.Contains("a long story]]", StringComparison.Ordinal));
        Assert.Single(said, static item => item.Contains("shorter", StringComparison.Ordinal));
    }
}
