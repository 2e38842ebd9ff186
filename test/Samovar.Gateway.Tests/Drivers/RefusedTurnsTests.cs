using Samovar.Gateway.Destinations;
using Samovar.Testing;
using Samovar.Testing.Upstreams;
using static Samovar.Testing.Upstreams.FakeFault;

namespace Samovar.Gateway.Tests.Drivers;

/// <summary>Turns that one destination does not take, or not yet: another one gets them, or they wait.</summary>
public sealed class RefusedTurnsTests
{
    /// <summary>As vLLM and Ollama tell it: the replica that lacks the model is not asked for it again while another has it.</summary>
    [Theory]
    [InlineData(404, """{"object":"error","message":"The model `m` does not exist.","type":"NotFoundError","param":null,"code":404}""")]
    [InlineData(404, """{"error":"model 'fake-model' not found, try pulling it first"}""")]
    [InlineData(400, """{"error":{"message":"No.","code":"model_not_found"}}""")]
    public async Task ReplicaThatLacksTheModel_LeavesItsTurnsToOthers(int status, string body)
    {
        await using var without = await FakeUpstream.StartAsync("without");
        await using var with = await FakeUpstream.StartAsync("with");
        without.Raw = new RawAnswer([body]) { Status = status, ContentType = "application/json" };
        var time = new ManualTime();
        var options = TestGateway.Options("chat", without, with);
        using var gateway = new TestGateway(options, time);
        var states = gateway.Pools.Current[0].Destinations.Select(destination => destination.State).ToList();
        using var busy = ((Admission.Granted)states[1].Admit()).Place; // the other is asked first
        for (var turn = 0; turn < 4; turn++) Assert.Null((await gateway.TurnAsync(null, TestGateway.User($"{turn}"))).Error);
        Assert.Single(without.Requests);
        time.Advance(options.ModelRetryAfter);
        Assert.Null((await gateway.TurnAsync(null, TestGateway.User("again"))).Error);
        Assert.Equal(2, without.Requests.Count);
        Assert.All(states, state => Assert.Null(state.Refusal));
    }

    /// <summary>Who said that the model is served is to blame where it is not.</summary>
    [Theory]
    [InlineData("m", 502, "server_error")]
    [InlineData("*", 404, "model_not_found")]
    public async Task ModelThatNobodyHas_IsTheClientsFault_OnlyWhereItsNameIs(string models, int status, string code)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer(["""{"error":"model 'm' not found, try pulling it first"}"""])
            { Status = 404, ContentType = "application/json" };
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].Models.Clear();
        options.Pools[0].Destinations[0].Models.Add(models);
        using var gateway = new TestGateway(options);
        for (var turn = 1; turn <= 2; turn++) // nobody else has it: it is asked each time
        {
            var failed = await gateway.TurnAsync(null, TestGateway.User("one"));
            Assert.Equal((status, code, turn), (failed.Error!.Kind.Status, failed.Error.Kind.Code, upstream.Requests.Count));
        }
    }

    /// <summary>Whichever is asked last: two have the model, and fail.</summary>
    [Fact]
    public async Task ModelThatOneLacks_HidesNoFailureOfTheOthers()
    {
        await using var without = await FakeUpstream.StartAsync("a");
        without.Raw = new RawAnswer(["""{"error":"model 'm' not found, try pulling it first"}"""])
            { Status = 404, ContentType = "application/json" };
        await using var second = await FakeUpstream.StartAsync("b");
        await using var third = await FakeUpstream.StartAsync("c");
        second.Raw = third.Raw = new RawAnswer(["""{"error":{"message":"It broke."}}"""])
            { Status = 500, ContentType = "application/json" };
        for (var turn = 0; turn < 8; turn++)
        {
            var options = TestGateway.Options("chat", without, second, third);
            foreach (var destination in options.Pools[0].Destinations)
            {
                destination.Models.Clear();
                destination.Models.Add("*");
            }
            using var gateway = new TestGateway(options);
            var failed = await gateway.TurnAsync(null, TestGateway.User($"{turn}"));
            Assert.Equal(502, failed.Error!.Kind.Status);
        }
    }

    [Fact]
    public async Task TurnThatMeetsAShortPause_WaitsForItsEnd_LikeThoseThatComeLater()
    {
        await using var upstream = await FakeUpstream.StartAsync("a", TooMany);
        var time = new ManualTime();
        using var gateway = new TestGateway(TestGateway.Options("chat", upstream), time);
        var turn = gateway.TurnAsync(null, TestGateway.User("one"));
        await Soon.UntilAsync(() => gateway.Waiting == 1);
        Assert.Single(upstream.Requests);
        time.Advance(TimeSpan.FromSeconds(7));
        var served = await Soon.In(turn);
        Assert.Null(served.Error);
        Assert.Equal((2, TimeSpan.FromSeconds(7)), (upstream.Requests.Count, served.Report.Queued));
    }

    [Fact]
    public async Task TurnThatMeetsOnePauseBehindAnother_WaitsNoLongerThanAnyMay()
    {
        await using var upstream = await FakeUpstream.StartAsync("a", TooMany, TooMany, TooMany);
        var time = new ManualTime();
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].QueueWaitMax = TimeSpan.FromSeconds(10);
        using var gateway = new TestGateway(options, time);
        var turn = gateway.TurnAsync(null, TestGateway.User("one"));
        await Soon.UntilAsync(() => gateway.Waiting == 1);
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(429, (await Soon.In(turn)).Error!.Kind.Status); // it would be fourteen seconds
        Assert.Equal(2, upstream.Requests.Count);
    }
}
