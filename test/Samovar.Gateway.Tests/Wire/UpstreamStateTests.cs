using Samovar.Chains;
using Samovar.Chains.Packing;
using Samovar.Stores;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Wire;

/// <summary>What a stored response keeps of its upstream, read by another process.</summary>
public sealed class UpstreamStateTests
{
    [Theory]
    [InlineData("responses-stored", true)]
    [InlineData("responses-http", false)]
    [InlineData("responses-ws", false)]
    [InlineData("chat", false)]
    [InlineData("messages", false)]
    public async Task ChainThatWasReadAgain_GoesOnWhereItWas_WithTheUpstreamsOwnResponseWhereItStores(string kind, bool isStored)
    {
        await using var a = await FakeUpstream.StartAsync("a");
        await using var b = await FakeUpstream.StartAsync("b");
        ChainNode node;
        FakeUpstream its;
        using (var before = new TestGateway(kind, a, b))
        {
            node = (await before.TurnAsync(null, TestGateway.User("hi"))).Node;
            its = a.Requests.IsEmpty ? b : a;
            var row = ChainPacking.Pack(node, ChainClaim.New, new Packing(before));
            node = ChainPacking.Unpack(row, null, new Packing(before));
        }
        using var after = new TestGateway(kind, a, b);
        var next = (await after.TurnAsync(node, TestGateway.User("and now?"))).Turn;
        Assert.Equal(its.Name, next.Report.Destination);
        var sent = its.Requests.Last();
        Assert.Equal(isStored, sent.PreviousResponseId is not null);
        Assert.Equal(!isStored, sent.Text.Contains("\"hi\"", StringComparison.Ordinal)); // else the upstream has it
    }

    [Fact]
    public void State_ComesBackAsItWas_WithoutItsSocket()
    {
        var state = new Gateway.Wire.UpstreamState
        {
            Destination = "d", Conversation = "c", PromptCacheKey = "k", ResponseId = "resp_u", IsStored = true, IsBound = true,
            IsSealed = true, KeepsCopies = true,
        };
        var read = Gateway.Wire.UpstreamState.Read(state.Pack())!;
        Assert.Equal(
            (state.Destination, state.Conversation, state.PromptCacheKey, state.ResponseId, true, true, true, true),
            (read.Destination, read.Conversation, read.PromptCacheKey, read.ResponseId, read.IsStored, read.IsBound, read.IsSealed,
                read.KeepsCopies));
        Assert.True(read.IsHeld);
        var unstored = Gateway.Wire.UpstreamState.Read(new Gateway.Wire.UpstreamState
        {
            Destination = "d", Conversation = "c", ResponseId = "resp_u",
        }.Pack())!;
        Assert.Equal((null, false), (unstored.ResponseId, unstored.IsHeld)); // it was on a socket, which is gone
    }

    private sealed class Packing(TestGateway gateway) : IStatePacking
    {
        public PackedState? Pack(ChainNode node) => gateway.Backend.PackState(node);
        public BackendState? Read(PackedState packed, StoredTurn turn) => gateway.Backend.ReadState(packed, turn);
    }
}
