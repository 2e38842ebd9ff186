using Samovar.Gateway.Attempts;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Attempts;

public sealed class RecoveryTests
{
    [Theory]
    [InlineData("TooLarge", "OnlyElsewhere", "server_error", 502)]
    [InlineData("NoRoom", "GiveUp", "server_is_overloaded", 503)]
    public void WhatWouldHappenAgain_IsNotTriedThereAgain_AndShutsNobodyElseOut(string kind, string step, string code, int status)
    {
        var call = Calls.Of("responses-http");
        call.Reach(CallPhase.Created);
        var fault = new UpstreamFault(Enum.Parse<FaultKind>(kind), "64 bytes");
        var recovery = new Recovery(retriesMax: 5);
        Assert.Equal(step, recovery.After(fault, call).ToString());
        Assert.Equal(RecoveryStep.GiveUp, recovery.After(fault, call)); // it ran, and may have been billed: once more is enough
        for (var i = 0; i < 100; i++) Recovery.Note(fault, call);
        Assert.Null(call.Destination.State.Refusal); // a request may have asked for it
        Assert.Equal((code, status), (FaultAnswer.For(fault).Kind.Code, FaultAnswer.For(fault).Kind.Status));
    }

    [Fact]
    public void RefusalForALimitOfTheDestination_IsTakenToAnother_AndIsNoFailure()
    {
        var (call, fault) = (Calls.Of("chat"), new UpstreamFault(FaultKind.Refused, "no") { FitsElsewhere = true });
        Assert.Equal(RecoveryStep.OnlyElsewhere, new Recovery(retriesMax: 5).After(fault, call));
        Assert.Equal(RecoveryStep.GiveUp, new Recovery(retriesMax: 5).After(fault with { FitsElsewhere = false }, call));
        for (var i = 0; i < 100; i++) Recovery.Note(fault, call);
        Assert.Null(call.Destination.RefusalOf(call.Turn.Tenant));
    }

    [Theory]
    [InlineData("RateLimited", "Elsewhere")]
    [InlineData("Unauthorized", "OnlyElsewhere")]
    [InlineData("NoModel", "OnlyElsewhere")]
    public void AccountsThatRefuse_UseUpNoTry(string kind, string step)
    {
        var call = Calls.Of("chat");
        var recovery = new Recovery(retriesMax: 1);
        var refusal = new UpstreamFault(Enum.Parse<FaultKind>(kind), "no");
        for (var account = 0; account < 5; account++)
            Assert.Equal(step, recovery.After(refusal, Calls.Of("chat", name: $"{account}")).ToString());
        Assert.Equal(RecoveryStep.Elsewhere, recovery.After(new UpstreamFault(FaultKind.Server, "x", Status: 503), call));
        Assert.Equal(new UpstreamOptions().RetryDelay, recovery.Pause(new UpstreamOptions()));
        Assert.Equal(RecoveryStep.GiveUp, recovery.After(new UpstreamFault(FaultKind.Server, "x", Status: 503), call));
        Assert.Equal(RecoveryStep.GiveUp, new Recovery(retriesMax: 0).After(refusal, call)); // a question is asked once
    }

    [Fact]
    public void AccountThatRefusesAgain_UsesUpATry()
    {
        var (call, recovery) = (Calls.Of("chat"), new Recovery(retriesMax: 1));
        var limited = new UpstreamFault(FaultKind.RateLimited, "no");
        Assert.Equal([RecoveryStep.Elsewhere, RecoveryStep.Elsewhere, RecoveryStep.GiveUp],
            Enumerable.Range(0, 3).Select(_ => recovery.After(limited, call)));
        Assert.Equal(RecoveryStep.OnlyElsewhere, new Recovery(retriesMax: 1).After(limited with { Code = "insufficient_quota" }, call));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)] // it may be of the client's account
    public void ModelThatADestinationLacks_IsNotedThere_AndShutsItForNoOther(bool passesKeys, bool isNoted)
    {
        var call = Calls.Of("chat", passesKeys: passesKeys);
        for (var i = 0; i < 100; i++) Recovery.Note(new UpstreamFault(FaultKind.NoModel, "no"), call);
        Assert.Equal((isNoted, false), (call.Destination.Lacks("m"), call.Destination.Lacks("n")));
        Assert.Null(call.Destination.State.Refusal);
    }

    [Theory]
    [InlineData("RateLimited")]
    [InlineData("Unauthorized")]
    public void WhatIsWrongWithAClientsOwnAccount_ShutsNobodyElseOut(string kind)
    {
        var call = Calls.Of("chat", passesKeys: true);
        var fault = new UpstreamFault(Enum.Parse<FaultKind>(kind), "no");
        for (var i = 0; i < 100; i++) Recovery.Note(fault, call);
        Assert.Null(call.Destination.State.Refusal);
        Assert.Null(call.Destination.RefusalOf(new TenantId("another")));
        Assert.Equal(fault.Kind == FaultKind.RateLimited ? RefusalReason.Cooldown : null,
            call.Destination.RefusalOf(call.Turn.Tenant)?.Reason);
    }

    [Theory]
    [InlineData("Your credit balance is too low.", "insufficient_quota", 402)]
    [InlineData("API key not valid: Ab12Cd34.", "invalid_api_key", 401)]
    public void ClientsOwnAccount_IsItsAffair_ThoughItIsCalledABadRequest(string said, string code, int status)
    {
        var fault = FaultReader.Read(RawJson.Of($$$"""{"error":{"message":"{{{said}}}"}}"""), 400, DateTimeOffset.UnixEpoch);
        var answer = FaultAnswer.For(fault, Calls.Of("chat", passesKeys: true));
        Assert.Equal((code, status), (answer.Kind.Code, answer.Kind.Status));
        Assert.DoesNotContain("Ab12", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, true, false)]
    [InlineData(415, true, false)]
    [InlineData(404, false, true)]
    [InlineData(408, true, true)]
    [InlineData(425, true, true)]
    [InlineData(500, true, true)]
    [InlineData(0, true, true)]
    public void RefusalThatMayBeOfTheClientsKey_CountsAtNoCircuit(int status, bool passesKeys, bool counts)
    {
        var call = Calls.Of("chat", passesKeys: passesKeys);
        for (var i = 0; i < 100; i++) Recovery.Note(new UpstreamFault(FaultKind.Server, "no", Status: status), call);
        Assert.Equal(counts ? RefusalReason.CircuitOpen : null, call.Destination.State.Refusal?.Reason);
    }

    [Fact]
    public void WhatClientsSaw_IsNeverRepeated_HoweverLargeTheNextEvent()
    {
        var call = Calls.Of("responses-http");
        call.Reach(CallPhase.Output);
        Assert.Equal(RecoveryStep.GiveUp, new Recovery(retriesMax: 5).After(new UpstreamFault(FaultKind.TooLarge, "64 bytes"), call));
    }

    [Fact]
    public void MissingConnection_IsWaitedFor_AsLongAsItMayBe()
    {
        var time = new ManualTime();
        var options = new UpstreamOptions();
        var recovery = new Recovery(retriesMax: 2, bridgeMax: TimeSpan.FromMinutes(5));
        var (call, none) = (Calls.Of("responses-ws", time: time), new UpstreamFault(FaultKind.Connect, "none"));
        for (var tries = 0; tries < 50; tries++)
        {
            Assert.Equal(RecoveryStep.Elsewhere, recovery.After(none, call));
            time.Advance(TimeSpan.FromSeconds(5.9));
        }
        Assert.Equal((0, options.BridgePauseMax), (recovery.Retries, recovery.Pause(options)));
        time.Advance(TimeSpan.FromSeconds(6)); // from now on it is as without
        Assert.Equal([RecoveryStep.Elsewhere, RecoveryStep.Elsewhere, RecoveryStep.GiveUp],
            Enumerable.Range(0, 3).Select(_ => recovery.After(none, call)));
    }

    [Fact]
    public void LinkThatWasWaitedFor_IsNotWaitedForAgain()
    {
        var recovery = new Recovery(retriesMax: 2, bridgeMax: TimeSpan.FromMinutes(5));
        var late = new UpstreamFault(FaultKind.Connect, "none") { IsBridged = true };
        Assert.Equal(RecoveryStep.OnlyElsewhere, recovery.After(late, Calls.Of("responses-link")));
    }

    [Fact]
    public void TextThatCannotBeSentYet_HasTheBoundOfAnEvent()
    {
        var call = Calls.Of("chat");
        call.Gather(call.EventBytesMax);
        Assert.Equal(FaultKind.TooLarge, Assert.Throws<UpstreamException>(() => call.Gather(1)).Fault.Kind);
    }
}
