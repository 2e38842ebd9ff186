using Samovar.Cli.Cluster;
using Samovar.Cli.Top;
using Samovar.Server.Monitoring.Status;

namespace Samovar.Tests.Monitoring;

/// <summary>What <c>samovar cluster status</c> shows.</summary>
public sealed class ClusterTextTests
{
    [Fact]
    public void Nodes_AreRows()
    {
        var cluster = new ClusterStatus
        {
            Node = "one", Incarnation = "node_1", State = "active", Takeovers = new Dictionary<string, long> { ["dead"] = 2 },
            RelayedOut = 3,
            Nodes =
            [
                Node("one") with { Self = true, Chains = 12_345, StateSeconds = 7200, Version = "1.2.3+abc", Running = 4 },
                Node("other") with { State = "dead" },
            ],
        };
        Assert.Equal(
            [
                "   node   state   for  address  chains  running  waiting  relayed  version",
                "*  one    active  2 h  http://  12.3 k  4        0        0        1.2.3",
                "   other  dead    -    http://  -       0        0        0        -",
                "",
                "turns relayed: 3 out, 0 in; chains taken over: dead 2",
            ], ClusterText.Lines(cluster));
    }

    [Theory]
    [InlineData(null, "-")]
    [InlineData(0.9, "0 s")]
    [InlineData(119.9, "119 s")]
    [InlineData(120.0, "2 min")]
    [InlineData(7199.0, "119 min")]
    [InlineData(172_799.0, "47 h")]
    [InlineData(172_800.0, "2 d")]
    public void Age_IsShort(double? seconds, string text) => Assert.Equal(text, Figures.Age(seconds));

    private static NodeStatus Node(string name) =>
        new() { Name = name, Incarnation = "node_" + name, State = "active", Address = "http://" };
}
