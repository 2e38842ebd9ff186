using Samovar.Gateway.Attempts;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Errors;
using Samovar.Tests.Backends.Upstream.Fakes;

namespace Samovar.Tests.Routing;

public sealed class RecoveryTests
{
    [Theory]
    [InlineData("TooLarge", "response_too_large")]
    [InlineData("NoRoom", "server_is_overloaded")]
    public void WhatWouldHappenAgain_IsNotTriedAgain_AndNotTheDestinationsFault(string kind, string code)
    {
        var call = Calls.Of("responses-http");
        call.Reach(CallPhase.Created);
        var fault = new UpstreamFault(Enum.Parse<FaultKind>(kind), "64 bytes");
        Assert.Equal(RecoveryStep.GiveUp, new Recovery(retriesMax: 5).After(fault, call));
        for (var i = 0; i < 100; i++) Recovery.Note(fault, call);
        Assert.Null(call.Destination.State.Refusal);
        Assert.Equal(code, FaultAnswer.For(fault).Kind.Code);
    }

    [Fact]
    public void TextThatCannotBeToldYet_HasTheBoundOfAnEvent()
    {
        var call = Calls.Of("chat");
        call.Gather(call.EventBytesMax);
        Assert.Equal(FaultKind.TooLarge, Assert.Throws<UpstreamException>(() => call.Gather(1)).Fault.Kind);
    }
}
