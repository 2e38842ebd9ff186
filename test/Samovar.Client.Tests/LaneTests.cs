using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Protocol.Json;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Client.Tests;

/// <summary>Conversations beside each other on one socket.</summary>
public sealed class LaneTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forks_RunBesideEachOther_FromAnyEarlierResponse()
    {
        await using var lab = await Lab.StartAsync();
        var reached = 0;
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var connection = lab.Connect();
        var lane = connection.Start();
        var first = await lane.RunAsync(Lab.Say("[[final=one]]"), Cancelled);
        await lane.RunAsync(Lab.Say("[[final=two]]"), Cancelled);
        lab.Backend.OnPhase = async (_, phase, ends) =>
        {
            if (phase != ScriptPhase.Speaking) return;
            if (Interlocked.Increment(ref reached) == 2) both.TrySetResult();
            await both.Task.WaitAsync(ends); // neither ends before the other speaks
        };
        var answers = await Soon.In(Task.WhenAll(
            connection.Continue(first).RunAsync(Lab.Say("[[final=left]]"), Cancelled),
            lane.Fork().RunAsync(Lab.Say("[[final=right]]"), Cancelled)));
        Assert.Equal(["left", "right"], answers.Select(answer => answer.Text));
        Assert.Equal(1, connection.SocketsOpened);
    }

    [Fact]
    public async Task MoreTurnsThanLanes_WaitForEachOther()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = new ResponsesConnection(lab.BaseUrl, new ResponsesOptions { LanesMax = 2 });
        var lanes = Enumerable.Range(0, 12).Select(_ => connection.Start()).ToList();
        for (var round = 0; round < 3; round++)
        {
            var answers = await Soon.In(Task.WhenAll(lanes.Select((lane, i) => lane.RunAsync(Lab.Say($"[[final={i}]]"), Cancelled))));
            Assert.Equal(Enumerable.Range(0, 12).Select(i => $"{i}"), answers.Select(answer => answer.Text));
        }
        Assert.Equal(36, lab.Backend.Turns);
    }

    [Fact]
    public async Task TurnsBeyondTheBound_AreRefused()
    {
        await using var lab = await Lab.StartAsync();
        var gate = new TaskCompletionSource();
        lab.Backend.OnPhase = async (_, _, ends) => await gate.Task.WaitAsync(ends);
        await using var connection = new ResponsesConnection(lab.BaseUrl, new ResponsesOptions { TurnsMax = 1, WaitingMax = 1 });
        var (first, second) = (connection.Start().RunAsync(Lab.Say("1"), Cancelled), connection.Start().RunAsync(Lab.Say("2"), Cancelled));
        var error = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Lab.Say("3"), Cancelled));
        Assert.Equal(ResponsesErrorKind.Busy, error.Kind);
        gate.SetResult();
        await Soon.In(Task.WhenAll(first, second));
    }

    [Fact]
    public async Task SettingThatIsTakenAway_IsNotInForce_AtAServerThatTakesSettingsOver()
    {
        await using var lab = await Lab.StartAsync();
        var inForce = new List<string?>();
        lab.Backend.OnPhase = (turn, phase, _) =>
        {
            if (phase == ScriptPhase.Begun) inForce.Add(turn.Instructions);
            return default;
        };
        await using var connection = lab.Connect();
        var lane = connection.Start();
        var first = Lab.Say("[[final=one]]") with { Instructions = "Be brief." };
        await lane.RunAsync(first, Cancelled);
        await lane.RunAsync(first with { Input = Lab.Say("[[final=two]]").Input }, Cancelled);
        var without = Lab.Say("[[final=three]]") with
        {
            More = new Dictionary<string, RawJson>(StringComparer.Ordinal) { ["instructions"] = RawJson.Null },
        };
        await lane.RunAsync(without, Cancelled);
        Assert.Equal(["Be brief.", "Be brief.", null], inForce);
    }

    [Fact]
    public async Task StreamThatIsReadLate_LosesNothing()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = new ResponsesConnection(lab.BaseUrl, new ResponsesOptions { EventsWaitingMax = 1 });
        await using var slow = connection.Start().StreamAsync(Lab.Say("[[final=a long story about tea]]"), Cancelled).GetAsyncEnumerator();
        Assert.True(await Soon.In(slow.MoveNextAsync().AsTask()));
        var other = connection.Start().RunAsync(Lab.Say("[[final=quick]]"), Cancelled); // waits behind it, on the one socket
        var said = "";
        while (await Soon.In(slow.MoveNextAsync().AsTask()))
            if (slow.Current is TurnEvent.TextDelta text) said += text.Delta;
        Assert.Equal(("a long story about tea", "quick"), (said, (await Soon.In(other)).Text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TurnThatIsLeft_WaitsForNobodysUpload(bool goesOn)
    {
        await using var lab = await Lab.StartAsync();
        await using var network = new CuttingProxy(lab.Server.Address);
        var speaking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Backend.OnPhase = async (_, phase, ends) =>
        {
            if (phase != ScriptPhase.Speaking || !speaking.TrySetResult()) return;
            await Task.Delay(Timeout.Infinite, ends);
        };
        var options = new ResponsesOptions { CloseTimeMax = TimeSpan.FromMilliseconds(50), PingTimeMax = Soon.Patience };
        await using var connection = new ResponsesConnection(new Uri(network.Address, "/v1"), options);
        using var caller = new CancellationTokenSource();
        var left = connection.Start().RunAsync(Lab.Say("[[final=for ever]]"), caller.Token);
        await Soon.In(speaking.Task);
        network.IsSilent = true;
        var half = InputItems.User(new string('a', 6 << 20)); // both: more than a system takes off a sender's hands
        var upload = connection.Start().RunAsync(Lab.Say("") with { Input = [half, half, InputItems.User("[[final=there]]")] }, Cancelled);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(left));
        Assert.False(upload.IsCompleted);
        if (!goesOn) return; // the link ends with what still waits
        network.IsSilent = false;
        Assert.Equal("there", (await Soon.In(upload)).Text);
        await Soon.UntilAsync(() => lab.Backend.Stopped == 1); // the cancel came behind it
    }

    [Fact]
    public async Task StreamThatIsLeft_FreesItsLane()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = new ResponsesConnection(lab.BaseUrl, new ResponsesOptions { LanesMax = 0, EventsWaitingMax = 1 });
        for (var round = 0; round < 3; round++)
            await foreach (var e in connection.Start().StreamAsync(Lab.Say("[[final=a long story about tea]]"), Cancelled)) break;
        Assert.Equal("on", (await Soon.In(connection.Start().RunAsync(Lab.Say("[[final=on]]"), Cancelled))).Text);
        Assert.Equal(1, connection.SocketsOpened);
    }
}
