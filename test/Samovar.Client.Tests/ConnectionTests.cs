using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Protocol.Responses;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Client.Tests;

/// <summary>The connection against the real server.</summary>
public sealed class ConnectionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TransportChoice.WebSocket)]
    [InlineData(TransportChoice.Http)]
    public async Task Conversation_SendsOnlyWhatIsNew(TransportChoice transport)
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect(transport);
        var lane = connection.Start();
        var request = Lab.Say(new string('a', 5000) + "[[final=one]]") with { Instructions = new string('b', 5000) };
        var first = await lane.RunAsync(request, Cancelled);
        var second = await lane.RunAsync(request with { Input = [InputItems.User("[[final=two]]")] }, Cancelled);
        Assert.Equal(("one", "two"), (first.Text, second.Text));
        Assert.True(first.BytesSent > 10_000);
        Assert.InRange(second.BytesSent, 50, transport == TransportChoice.Http ? 5500 : 200);
        Assert.True(second.Usage!.CachedTokens > 1200); // what went before is in its context
        Assert.Equal(transport == TransportChoice.Http, connection.IsPlainHttp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SettingsThatDidNotChange_AreNotSentOverANewSocketEither(bool store)
    {
        await using var lab = await Lab.StartAsync();
        await using var network = new CuttingProxy(lab.Server.Address);
        await using var connection = new ResponsesConnection(new Uri(network.Address, "/v1"), Lab.Quick(TransportChoice.WebSocket));
        var lane = connection.Start();
        var request = Lab.Say("[[final=one]]", store) with { Instructions = new string('b', 5000), Tools = Lab.Tools };
        await lane.RunAsync(request, Cancelled);
        network.Cut();
        await Soon.UntilAsync(() => !connection.IsOpen);
        var second = await lane.RunAsync(request with { Input = [InputItems.User("[[final=two]]")] }, Cancelled);
        Assert.Equal(("two", 0), (second.Text, second.Resends));
        Assert.InRange(second.BytesSent, 50, 300);
        Assert.True(second.Usage!.InputTokens > 0);
        Assert.Equal(2, connection.SocketsOpened);
    }

    [Fact]
    public async Task CompressedFrames_ArriveAsTheyWere()
    {
        await using var lab = await Lab.StartAsync();
        await using var network = new CuttingProxy(lab.Server.Address);
        await using var connection = new ResponsesConnection(new Uri(network.Address, "/v1"), new ResponsesOptions { Deflate = true });
        var lane = connection.Start();
        var first = await lane.RunAsync(Lab.Say(new string('a', 50_000) + "[[final=one]]"), Cancelled);
        var second = await lane.RunAsync(Lab.Say("[[final=two]]"), Cancelled);
        Assert.Equal(("one", "two"), (first.Text, second.Text));
        Assert.True(network.Up.Length < 5000, $"{network.Up.Length} bytes went up.");
    }

    [Fact]
    public async Task LinkThatIsAway_IsTriedAsLongAsItMayBe_HoweverOften()
    {
        await using var lab = await Lab.StartAsync();
        await using var network = new CuttingProxy(lab.Server.Address) { IsAway = true };
        var options = new ResponsesOptions
        {
            BackoffFirst = TimeSpan.FromMilliseconds(1), BackoffMax = TimeSpan.FromMilliseconds(1), LostTimeMax = TimeSpan.FromMinutes(5),
        };
        await using var connection = new ResponsesConnection(new Uri(network.Address, "/v1"), options);
        var running = connection.Start().RunAsync(Lab.Say("[[final=at last]]"), Cancelled);
        await Soon.UntilAsync(() => network.Connections > 3 * options.AttemptsMax);
        network.IsAway = false;
        Assert.Equal("at last", (await Soon.In(running)).Text);
    }

    [Theory]
    [InlineData(TransportChoice.WebSocket)]
    [InlineData(TransportChoice.Http)]
    public async Task ToolLoop_AnswersItsCalls(TransportChoice transport)
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect(transport);
        var lane = connection.Start();
        var turn = await lane.RunAsync(Lab.Say("[[steps=2]] [[final=seen]]") with { Tools = Lab.Tools }, Cancelled);
        for (var calls = 0; calls < 2; calls++)
            turn = await lane.RunAsync(Lab.Answer(Assert.Single(turn.FunctionCalls), "a table"), Cancelled);
        Assert.Equal("seen", turn.Text);
    }

    [Theory]
    [InlineData(TransportChoice.WebSocket, true)]
    [InlineData(TransportChoice.WebSocket, false)]
    [InlineData(TransportChoice.Http, true)]
    [InlineData(TransportChoice.Http, false)]
    public async Task ForgottenConversation_IsSentWhole_AndGoesOn(TransportChoice transport, bool store)
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect(transport);
        var first = await connection.Start().RunAsync(Lab.Say("remember [[final=one]]", store), Cancelled);
        if (store) await connection.DeleteAsync(first.Id, Cancelled);
        await using var other = lab.Connect(transport); // which has nothing of it in its memory
        var fork = other.Continue(first);
        var second = await fork.RunAsync(Lab.Say("[[final=two]]", store), Cancelled);
        Assert.Equal("two", second.Text);
        Assert.True(second.Usage!.InputTokens > first.Usage!.InputTokens + first.Usage.OutputTokens / 2);
        var third = await fork.RunAsync(Lab.Say("[[final=three]]", store), Cancelled);
        Assert.Equal(("three", 3), (third.Text, lab.Backend.Turns));
    }

    [Fact]
    public async Task ForgottenConversation_OfWhichOnlyTheNameIsKnown_IsAnError()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var error = await Assert.ThrowsAsync<ResponsesException>(
            () => connection.Continue("resp_nobody").RunAsync(Lab.Say("go on"), Cancelled));
        Assert.Equal((ResponsesErrorKind.Lost, "previous_response_not_found"), (error.Kind, error.Code));
    }

    [Fact]
    public async Task WarmUp_IsContinued()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var lane = connection.Start();
        var warm = await lane.WarmUpAsync(Lab.Say(new string('a', 4000)), Cancelled);
        Assert.Empty(warm!.Output);
        var answer = await lane.RunAsync(Lab.Say("[[final=hot]]"), Cancelled);
        Assert.Equal("hot", answer.Text);
        Assert.True(answer.Usage!.CachedTokens > 900);
        await using var plain = lab.Connect(TransportChoice.Http);
        Assert.Null(await plain.Start().WarmUpAsync(Lab.Say("a"), Cancelled));
    }

    [Fact]
    public async Task Words_SaidMeanwhile_AreInTheResponseThatFollows()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var lane = connection.Start();
        var speaking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Backend.OnPhase = async (turn, phase, ends) =>
        {
            if (phase != ScriptPhase.Speaking || lab.Backend.Turns > 1) return;
            speaking.TrySetResult();
            await Task.Delay(Timeout.Infinite, ends);
        };
        var talk = Lab.ListAsync(lane.StreamAsync(Lab.Say("[[final=a long story]]"), Cancelled));
        await Soon.In(speaking.Task);
        await Soon.UntilAsync(() => lane.IsSteerable);
        await Soon.In(lane.SteerAsync("shorter [[final=the end]]", Cancelled));
        var events = await Soon.In(talk);
        Assert.Equal(2, events.Count(e => e is TurnEvent.Created));
        Assert.Equal("steered", events.OfType<TurnEvent.Incomplete>().Single().Response.IncompleteReason);
        Assert.EndsWith("the end", Lab.TextOf(events), StringComparison.Ordinal);
        lab.Backend.OnPhase = null;
        await connection.DeleteAsync(lane.NewestId!, Cancelled); // so that the next turn needs everything that was said
        await using var other = lab.Connect();
        var next = await other.Continue(lane.Newest!).RunAsync(Lab.Say("and then?"), Cancelled);
        Assert.Equal("the end", next.Text); // the words are in the history
    }

    [Fact]
    public async Task Words_SaidWhenNothingIsMade_AreRefused()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var lane = connection.Start();
        await lane.RunAsync(Lab.Say("[[final=one]]"), Cancelled);
        var error = await Assert.ThrowsAsync<ResponsesException>(() => lane.SteerAsync("hm", Cancelled));
        Assert.Equal("response_not_active", error.Code);
    }

    [Fact]
    public async Task Turn_ThatIsCancelled_EndsAtTheServer_AndTheLaneGoesOn()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var lane = connection.Start();
        var speaking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Backend.OnPhase = async (_, phase, ends) =>
        {
            if (phase != ScriptPhase.Speaking) return;
            speaking.TrySetResult();
            await Task.Delay(Timeout.Infinite, ends);
        };
        using var caller = new CancellationTokenSource();
        var turn = lane.RunAsync(Lab.Say("[[final=for ever]]"), caller.Token);
        await Soon.In(speaking.Task);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(turn));
        await Soon.UntilAsync(() => lab.Backend.Stopped == 1);
        lab.Backend.OnPhase = null;
        Assert.Equal("next", (await lane.RunAsync(Lab.Say("[[final=next]]"), Cancelled)).Text);
        Assert.Equal(1, connection.SocketsOpened);
    }

    [Fact]
    public async Task Failure_IsOneException_WithItsFacts()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var lane = connection.Start();
        var error = await Assert.ThrowsAsync<ResponsesException>(
            () => lane.RunAsync(Lab.Say("hi") with { Temperature = 9 }, Cancelled));
        Assert.Equal((ResponsesErrorKind.InvalidRequest, "decimal_above_max_value", "temperature", 400),
            (error.Kind, error.Code, error.Param, error.Status));
        lab.Backend.OnPhase = (_, phase, _) =>
            phase == ScriptPhase.Begun ? default : throw new InvalidOperationException("broken");
        error = await Assert.ThrowsAsync<ResponsesException>(() => lane.RunAsync(Lab.Say("hi"), Cancelled));
        Assert.Equal((ResponsesErrorKind.Failed, "server_error"), (error.Kind, error.Code));
        Assert.StartsWith("resp_", error.ResponseId, StringComparison.Ordinal);
        lab.Backend.OnPhase = null;
        Assert.Equal("ok", (await lane.RunAsync(Lab.Say("[[final=ok]]"), Cancelled)).Text);
    }

    [Fact]
    public async Task NobodyThere_IsUnreachable_AfterItsTries()
    {
        var options = Lab.Quick();
        await using var connection = new ResponsesConnection(new Uri("http://127.0.0.1:9/v1"), options);
        var error = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Lab.Say("hi"), Cancelled));
        Assert.Equal(ResponsesErrorKind.Unreachable, error.Kind);
        Assert.Contains($"{options.AttemptsMax} tries", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatStops_AndComesBack_FinishesTheTurn()
    {
        await using var lab = await Lab.StartAsync();
        await using var network = new CuttingProxy(lab.Server.Address);
        await using var connection = new ResponsesConnection(new Uri(network.Address, "/v1"), Lab.Quick());
        var lane = connection.Start();
        var first = await lane.RunAsync(Lab.Say("[[final=one]]", store: false), Cancelled);
        network.Cut();
        var second = await lane.RunAsync(Lab.Say("[[final=two]]", store: false), Cancelled);
        Assert.Equal(("one", "two", 2), (first.Text, second.Text, connection.SocketsOpened));
        Assert.True(second.Usage!.InputTokens > first.Usage!.InputTokens);
    }

    [Fact]
    public async Task Response_IsReadAgain_FromANumber()
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var whole = await Lab.ListAsync(connection.Start().StreamAsync(Lab.Say("[[final=once upon a time]]"), Cancelled));
        var id = ((TurnEvent.Created)whole[0]).Response.Id!.Value.Value;
        await using var other = lab.Connect();
        var rest = await Lab.ListAsync(other.FollowAsync(id, startingAfter: 4, Cancelled));
        Assert.Equal(whole.Skip(5).Select(e => e.Json.ToString()), rest.Select(e => e.Json.ToString()));
        var last = await Lab.ListAsync(other.FollowAsync(id, startingAfter: whole.Count - 2, Cancelled));
        Assert.IsType<TurnEvent.Completed>(Assert.Single(last)); // and nothing of what lies before
        Assert.Equal(ResponseStatus.Completed, (await other.GetAsync(id, Cancelled))!.Status);
        Assert.Null(await other.GetAsync("resp_nobody", Cancelled));
    }

    [Fact]
    public async Task ConversationLargerThanItsBound_RestsOnTheServerAlone()
    {
        await using var lab = await Lab.StartAsync();
        var options = new ResponsesOptions { HistoryBytesMax = 2000 };
        await using var connection = new ResponsesConnection(lab.BaseUrl, options);
        var lane = connection.Start();
        await lane.RunAsync(Lab.Say(new string('a', 4000) + "[[final=one]]"), Cancelled);
        var second = await lane.RunAsync(Lab.Say("[[final=two]]"), Cancelled);
        Assert.Equal("two", second.Text);
        await connection.DeleteAsync(second.Id, Cancelled);
        await using var other = new ResponsesConnection(lab.BaseUrl, options);
        var error = await Assert.ThrowsAsync<ResponsesException>(() => other.Continue(second).RunAsync(Lab.Say("three"), Cancelled));
        Assert.Equal(ResponsesErrorKind.Lost, error.Kind);
    }
}
