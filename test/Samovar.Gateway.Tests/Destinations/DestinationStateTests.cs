using Samovar.Gateway.Attempts;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Destinations;

public sealed class DestinationStateTests
{
    private readonly ManualTime _time = new();
    private readonly UpstreamOptions _options = new();

    [Fact]
    public void Place_IsRefused_AtTheInFlightLimit_AndFreeAgainAfterwards()
    {
        var state = State(new DestinationOptions { InFlightMax = 1 });
        var first = Assert.IsType<Admission.Granted>(state.Admit());
        Assert.Equal(RefusalReason.InFlight, Refused(state).Reason);
        first.Place.Dispose();
        first.Place.Dispose();
        Assert.Equal(0, state.InFlight);
        Assert.IsType<Admission.Granted>(state.Admit());
    }

    [Fact]
    public void RequestsOfTheLastMinute_Count_AndTheRefusalSaysUntilWhen()
    {
        var state = State(new DestinationOptions { RequestsPerMinute = 2 });
        state.Admit();
        _time.Advance(TimeSpan.FromSeconds(20));
        state.Admit();
        var refusal = Refused(state);
        Assert.Equal((RefusalReason.RequestsPerMinute, TimeSpan.FromSeconds(40)), (refusal.Reason, refusal.RetryAfter));
        _time.Advance(refusal.RetryAfter);
        Assert.Null(state.Refusal);
    }

    [Fact]
    public void TokensOfTheLastMinute_Count()
    {
        var state = State(new DestinationOptions { TokensPerMinute = 100 });
        state.Succeeded(100);
        Assert.Equal(RefusalReason.TokensPerMinute, Refused(state).Reason);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(state.Refusal);
    }

    [Fact]
    public void Rest_IsAsLongAsAsked_ButBounded()
    {
        var state = State(new DestinationOptions());
        state.Cool(TimeSpan.FromSeconds(7));
        Assert.Equal((RefusalReason.Cooldown, TimeSpan.FromSeconds(7)), (Refused(state).Reason, Refused(state).RetryAfter));
        state.Cool(TimeSpan.FromDays(30));
        Assert.Equal(_options.CooldownMax, Refused(state).RetryAfter);
        _time.Advance(_options.CooldownMax);
        Assert.Null(state.Refusal);
    }

    [Fact]
    public void Circuit_Opens_LetsOneTry_AndOpensForLonger()
    {
        var state = State(new DestinationOptions());
        for (var failure = 0; failure < _options.CircuitFailures; failure++) state.Failed();
        Assert.Equal((RefusalReason.CircuitOpen, _options.CircuitOpenTime), (Refused(state).Reason, Refused(state).RetryAfter));

        _time.Advance(_options.CircuitOpenTime);
        using (Assert.IsType<Admission.Granted>(state.Admit()).Place)
        {
            Assert.Equal(RefusalReason.CircuitOpen, Refused(state).Reason); // one tries, the others wait
            state.Failed();
        }
        Assert.Equal(_options.CircuitOpenTime * 2, Refused(state).RetryAfter);

        _time.Advance(_options.CircuitOpenTime * 2);
        state.Admit();
        state.Succeeded(0);
        Assert.IsType<Admission.Granted>(state.Admit());
    }

    [Fact]
    public void ConversationWhoseRequestsAlwaysFail_ShutsNobodyElseOut()
    {
        var state = State(new DestinationOptions());
        for (var failure = 0; failure < 100; failure++) state.Failed("one");
        Assert.Null(state.Refusal);
        for (var failure = 1; failure < _options.CircuitFailures; failure++) state.Failed($"other {failure}");
        Assert.Equal(_options.CircuitOpenTime, Refused(state).RetryAfter);
        _time.Advance(_options.CircuitOpenTime);
        using (Assert.IsType<Admission.Granted>(state.Admit()).Place) state.Failed("one");
        Assert.IsType<Admission.Granted>(state.Admit()); // it said nothing new: somebody else tries
        state.Failed();
        Assert.Equal(_options.CircuitOpenTime * 2, Refused(state).RetryAfter);
    }

    [Fact]
    public void TrialThatSaysNothing_LetsTheNextOneTryBesideIt()
    {
        var state = State(new DestinationOptions());
        for (var failure = 0; failure < _options.CircuitFailures; failure++) state.Failed();
        _time.Advance(_options.CircuitOpenTime);
        Assert.IsType<Admission.Granted>(state.Admit());
        Assert.Equal(_options.OverdueMin, Refused(state).RetryAfter);
        _time.Advance(_options.OverdueMin);
        Assert.IsType<Admission.Granted>(state.Admit()).Place.Output();
        Assert.IsType<Admission.Granted>(state.Admit());
    }

    [Fact]
    public void TurnsThatBeganBeforeTheCircuitOpened_NeitherProlongIt_NorLetASecondOneTry()
    {
        var state = State(new DestinationOptions());
        var old = Assert.IsType<Admission.Granted>(state.Admit());
        for (var failure = 0; failure < _options.CircuitFailures; failure++) state.Failed();
        _time.Advance(_options.CircuitOpenTime / 2);
        state.Failed();
        Assert.Equal(_options.CircuitOpenTime / 2, Refused(state).RetryAfter);

        _time.Advance(_options.CircuitOpenTime / 2);
        var trial = Assert.IsType<Admission.Granted>(state.Admit());
        old.Place.Dispose();
        Assert.Equal(RefusalReason.CircuitOpen, Refused(state).Reason);
        trial.Place.Dispose();
        Assert.IsType<Admission.Granted>(state.Admit());
    }

    [Fact]
    public void SpentQuota_RestsForAsLongAsARestMayBe()
    {
        var call = Calls.Of("chat");
        Recovery.Note(new UpstreamFault(FaultKind.RateLimited, "x", "insufficient_quota", 429), call);
        Assert.InRange(call.Destination.State.Refusal!.RetryAfter, _options.CooldownMax / 2, _options.CooldownMax);
    }

    [Fact]
    public void ChangedLimits_CountWhatRunsAlready()
    {
        var state = State(new DestinationOptions { InFlightMax = 2, HealthPath = "/health" });
        state.Admit();
        state.SetHealth(false);
        state.Apply(new DestinationOptions { InFlightMax = 1 });
        Assert.Equal(RefusalReason.InFlight, Refused(state).Reason); // and no longer unhealthy: nobody asks any more
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/new")]
    public void AnswerToAQuestionThatIsNoLongerAsked_SaysNothing(string? asked)
    {
        var state = State(new DestinationOptions { HealthPath = "/old" });
        state.Apply(new DestinationOptions { HealthPath = asked });
        state.SetHealth(false, "/old");
        Assert.Null(state.Refusal);
    }

    [Fact]
    public void LateHealthCheck_IsNoFailure_UntilAsManyCameInARow()
    {
        var state = State(new DestinationOptions());
        for (var round = 0; round < 2; round++)
        {
            state.SetHealth(false, lateMax: 3);
            state.SetHealth(false, lateMax: 3);
            Assert.Null(state.Refusal);
            state.SetHealth(true);
        }
        state.SetHealth(false, lateMax: 1); // another could take its turns, and cannot any more
        Assert.Equal(RefusalReason.Unhealthy, Refused(state).Reason);
        state.SetHealth(false, lateMax: 3);
        Assert.Null(state.Refusal);
        state.SetHealth(false, lateMax: 3);
        Assert.Equal(RefusalReason.Unhealthy, Refused(state).Reason);
        state.SetHealth(true);
        state.SetHealth(false); // it failed, and was late then
        state.SetHealth(false, lateMax: 3);
        Assert.Equal(RefusalReason.Unhealthy, Refused(state).Reason);
    }

    [Fact]
    public void Unhealthy_TakesNothing()
    {
        var state = State(new DestinationOptions());
        state.SetHealth(false);
        Assert.Equal(RefusalReason.Unhealthy, Refused(state).Reason);
        state.SetHealth(true);
        Assert.Null(state.Refusal);
    }

    private DestinationState State(DestinationOptions limits) => new(limits, _options, _time);

    [Fact]
    public void HalfOpenCircuit_ClosesAtTheFirstOutput_HoweverLongTheTurnGoesOn()
    {
        var state = State(new DestinationOptions());
        for (var failure = 0; failure < _options.CircuitFailures; failure++) state.Failed();
        _time.Advance(_options.CircuitOpenTime);
        var trial = Assert.IsType<Admission.Granted>(state.Admit()).Place;
        Assert.Equal(RefusalReason.CircuitOpen, Refused(state).Reason);
        trial.Output();
        Assert.IsType<Admission.Granted>(state.Admit());
        state.Failed(); // one failure is one
        Assert.IsType<Admission.Granted>(state.Admit());
        for (var failure = 1; failure < _options.CircuitFailures; failure++) state.Failed();
        _time.Advance(_options.CircuitOpenTime);
        state.Admit();
        trial.Dispose(); // it tried long ago: somebody else does now
        Assert.Equal(RefusalReason.CircuitOpen, Refused(state).Reason);
    }

    private static Refusal Refused(DestinationState state) => Assert.IsType<Admission.Refused>(state.Admit()).Refusal;
}
