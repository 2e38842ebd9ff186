using System.Text;
using System.Text.Json;
using Samovar.Cluster;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Peers;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Tests.Peers;

public sealed class RelayEnvelopeTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void Turn_ComesOutAsItWentIn()
    {
        var turn = PeerLab.Turn with
        {
            Tenant = new TenantId("Größe \"1\"\n"),
            Flow = new FlowId("local/0HN:1"),
            Past = TurnPast.WasHeard,
            After = 4711,
            To = new Incarnation("node_there"),
            IsBareFrame = true,
            Previous = null,
            Hints = new SessionHints("s", "t")
            {
                ParentThread = "p", IsSubAgent = true, IsFinal = true,
                Trace = TraceContext.Read(name => name == "traceparent" ? Trace : "a=b"),
            },
            Events = new ResponseEventOptions
            {
                Reasoning = ReasoningNames.OpenResponses, Snapshots = SnapshotKind.Slim, BeginsWithUsage = true,
            },
            CanBeSteered = true,
            Client = "codex_cli_rs/1.0",
        };
        var line = RelayEnvelope.Of(turn).Line();
        Assert.Equal(line.Length - 1, Array.IndexOf(line, (byte)'\n'));
        Assert.Equal(turn, RelayEnvelope.Read(line).With(turn.Sent));
    }

    [Fact]
    public void TurnOfAnotherApi_IsOfThatApi_WhereItCame() => Assert.Equal(PeerLab.Turn with { Api = ClientApi.Messages },
        RelayEnvelope.Read(RelayEnvelope.Of(PeerLab.Turn).Line()).With(PeerLab.Turn.Sent, ClientApi.Messages));

    [Fact]
    public void PlainTurn_ComesOutAsItWentIn() =>
        Assert.Equal(PeerLab.Turn, RelayEnvelope.Read(RelayEnvelope.Of(PeerLab.Turn).Line()).With(PeerLab.Turn.Sent));

    [Fact]
    public void FieldOfALaterVersion_IsLeftOut()
    {
        var line = Encoding.UTF8.GetString(RelayEnvelope.Of(PeerLab.Turn).Line())
            .Replace("{\"tenant\"", "{\"mood\":{},\"tenant\"", StringComparison.Ordinal);
        Assert.Equal(PeerLab.Turn, RelayEnvelope.Read(Encoding.UTF8.GetBytes(line)).With(PeerLab.Turn.Sent));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("GET / HTTP/1.1")]
    public void WhatIsNoTurn_IsRefused(string line) =>
        Assert.Throws<JsonException>(() => RelayEnvelope.Read(Encoding.UTF8.GetBytes(line)));
}
