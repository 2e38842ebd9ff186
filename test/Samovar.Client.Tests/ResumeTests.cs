using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.Settings;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Client.Tests;

/// <summary>Turns that run at a Samovar while their client has lost them: they are read on, and neither ended nor begun again.</summary>
public sealed class ResumeTests
{
    private const string NoRoom = """{"type":"error","status":503,"error":""" +
        """{"type":"service_unavailable_error","code":"server_is_overloaded","message":"Overloaded."}}""";

    private const string NoKey = """{"type":"error","status":401,"error":{"code":"invalid_api_key","message":"No."}}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ResumeThatHasNoRoom_IsAskedAgain_AndTheTurnIsReadOn()
    {
        var time = new ManualTime();
        var inASecond = NoRoom.Replace("\"status\"", """ "headers":{"retry-after":"1"},"status" """, StringComparison.Ordinal);
        await using var server = await ResumedUpstream.StartAsync(inASecond, inASecond);
        var options = new ResponsesOptions { Time = time, Transport = TransportChoice.WebSocket };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        var turn = Lab.ListAsync(connection.Start().StreamAsync(Lab.Say("hi"), Cancelled));
        for (var refusals = 1; refusals <= 2; refusals++)
        {
            await Soon.In(await Task.WhenAny(turn, time.WhenArmed(TimeSpan.FromSeconds(1)))); // as the server said
            time.Advance(TimeSpan.FromSeconds(1));
        }
        var events = await Soon.In(turn);
        Assert.Equal([0L, 1L, 2L, 3L], events.Select(e => e.SequenceNumber));
        Assert.IsType<TurnEvent.Completed>(events[^1]);
        Assert.Equal("read on", Lab.TextOf(events));
        Assert.Single(server.Frames, static frame => frame.TryGetProperty("input", out _));
        Assert.Equal((4, 2), (server.Frames.Count, connection.SocketsOpened));
    }

    [Theory]
    [InlineData(NoRoom, ResponsesErrorKind.Unavailable)]
    [InlineData(NoKey, ResponsesErrorKind.Authentication)]
    public async Task ResumeThatIsRefusedForGood_EndsTheTurn(string refusal, ResponsesErrorKind kind)
    {
        await using var server = await ResumedUpstream.StartAsync([.. Enumerable.Repeat(refusal, 100)]);
        var options = new ResponsesOptions { Transport = TransportChoice.WebSocket, RefusalsMax = 2 };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        var error = await Soon.In(Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Lab.Say("hi"), Cancelled)));
        Assert.Equal((kind, "resp_1"), (error.Kind, error.ResponseId));
        Assert.Equal(kind == ResponsesErrorKind.Unavailable ? 4 : 2, server.Frames.Count);
    }

    /// <summary>Pings are answered, and nothing comes: the link is left, and the turn is not.</summary>
    [Fact]
    public async Task TurnThatIsSilentForTooLong_IsReadOnOverAnotherLink()
    {
        var time = new ManualTime();
        await using var lab = await Lab.StartAsync();
        var (speaking, speaks) = Hold(lab);
        var atOnce = TimeSpan.FromTicks(1); // time is moved for silences alone
        var options = new ResponsesOptions
        {
            Time = time, Transport = TransportChoice.WebSocket, BackoffFirst = atOnce, BackoffMax = atOnce,
        };
        await using var connection = new ResponsesConnection(lab.BaseUrl, options);
        await using var events = connection.Start().StreamAsync(Lab.Say("[[final=at last]]"), Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await Soon.In(events.MoveNextAsync().AsTask()));
        await Soon.In(speaking.Task);
        var rest = RestAsync(events);
        while (connection.SocketsOpened < 3)
        {
            await Soon.In(await Task.WhenAny(rest, time.WhenArmed(options.SilenceMax)));
            time.Advance(options.SilenceMax);
        }
        speaks.SetResult();
        var heard = await Soon.In(rest);
        Assert.IsType<TurnEvent.Completed>(heard[^1]);
        Assert.Equal("at last", Lab.TextOf(heard));
        Assert.Equal(Enumerable.Range(1, heard.Count).Select(number => (long?)number), heard.Select(e => e.SequenceNumber));
        Assert.Equal((1, 0), (lab.Backend.Turns, lab.Backend.Stopped));
    }

    /// <summary>What stands before the server answers in its place, as while that is replaced.</summary>
    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(404)]
    public async Task TurnWhoseUpgradeIsRefused_IsReadOn_WhereThatEndsInTime(int status)
    {
        await using var lab = await Lab.StartAsync();
        await using var network = new CuttingProxy(lab.Server.Address);
        var (speaking, speaks) = Hold(lab);
        var options = new ResponsesOptions
        {
            BackoffFirst = TimeSpan.FromMilliseconds(1), BackoffMax = TimeSpan.FromMilliseconds(1), LostTimeMax = Soon.Patience,
        };
        await using var connection = new ResponsesConnection(new Uri(network.Address, "/v1"), options);
        var turn = Lab.ListAsync(connection.Start().StreamAsync(Lab.Say("[[final=at last]]", store: false), Cancelled));
        await Soon.In(speaking.Task);
        network.RefusesWith = status;
        network.Cut();
        await Soon.UntilAsync(() => network.Refused > options.AttemptsMax + options.RefusalsMax || turn.IsCompleted);
        (network.RefusesWith, _) = (null, speaks.TrySetResult());
        var heard = await Soon.In(turn);
        Assert.IsType<TurnEvent.Completed>(heard[^1]);
        Assert.Equal(("at last", false, 2), (Lab.TextOf(heard), connection.IsPlainHttp, connection.SocketsOpened));
        Assert.Equal((1, 0), (lab.Backend.Turns, lab.Backend.Stopped));
    }

    [Theory]
    [InlineData(502)]
    [InlineData(404)]
    public async Task TurnWhoseUpgradeIsRefused_IsLost_AfterItsTries(int status)
    {
        await using var lab = await Lab.StartAsync();
        await using var network = new CuttingProxy(lab.Server.Address);
        var (speaking, speaks) = Hold(lab);
        await using var connection = new ResponsesConnection(new Uri(network.Address, "/v1"), Lab.Quick());
        var turn = connection.Start().RunAsync(Lab.Say("[[final=at last]]"), Cancelled);
        await Soon.In(speaking.Task);
        network.RefusesWith = status;
        network.Cut();
        var error = await Assert.ThrowsAsync<ResponsesException>(() => Soon.In(turn));
        Assert.Equal((ResponsesErrorKind.Lost, status), (error.Kind, error.Status));
        Assert.Contains("tries in a row", error.Message, StringComparison.Ordinal);
        speaks.SetResult();
    }

    /// <summary>Holds turns where they are about to speak.</summary>
    private static (TaskCompletionSource Speaking, TaskCompletionSource Speaks) Hold(Lab lab)
    {
        var speaking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var speaks = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Backend.OnPhase = async (_, phase, ends) =>
        {
            if (phase != ScriptPhase.Speaking) return;
            speaking.TrySetResult();
            await speaks.Task.WaitAsync(ends);
        };
        return (speaking, speaks);
    }

    private static async Task<List<TurnEvent>> RestAsync(IAsyncEnumerator<TurnEvent> events)
    {
        var rest = new List<TurnEvent>();
        while (await events.MoveNextAsync()) rest.Add(events.Current);
        return rest;
    }
}
