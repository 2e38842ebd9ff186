using System.Text;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Stores;

namespace Samovar.Tests.Cluster;

/// <summary>Where conversations are at home whose clients send all of them each time.</summary>
public sealed class HomesTests
{
    private const int Conversations = 3000;
    private static readonly ClusterNode[] Nodes = [.. Enumerable.Range(0, 5).Select(n => Node($"node-{n}"))];

    [Fact]
    public void Home_IsTheSameAtAllNodes_InWhateverOrderTheyReadTheRows()
    {
        foreach (var key in Keys())
            Assert.Equal(Homes.Of(key, Nodes)!.Name, Homes.Of(key, Nodes.Reverse())!.Name);
    }

    [Fact]
    public void NodeThatGoes_MovesItsOwnConversationsAlone()
    {
        ClusterNode[] left = [.. Nodes.Skip(1), Nodes[0] with { State = NodeState.Dead }];
        foreach (var key in Keys())
        {
            var (before, after) = (Homes.Of(key, Nodes)!, Homes.Of(key, left)!);
            if (before != Nodes[0]) Assert.Equal(before, after);
            Assert.NotEqual(Nodes[0].Name, after.Name);
        }
    }

    [Fact]
    public void NodeThatComesBack_HasItsConversationsAgain()
    {
        ClusterNode[] again = [.. Nodes.Skip(1), Nodes[0] with { State = NodeState.Dead }, Nodes[0] with { Incarnation = new("another") }];
        foreach (var key in Keys()) Assert.Equal(Homes.Of(key, Nodes)!.Name, Homes.Of(key, again)!.Name);
    }

    [Fact]
    public void Conversations_AreSpreadEvenly()
    {
        var each = Keys().CountBy(key => Homes.Of(key, Nodes)!.Name).ToList();
        Assert.Equal(Nodes.Length, each.Count);
        Assert.All(each, node => Assert.InRange(node.Value, Conversations / Nodes.Length * 0.8, Conversations / Nodes.Length * 1.2));
    }

    [Fact]
    public void NodesThatDrain_AreNobodysHome() =>
        Assert.Null(Homes.Of(Keys().First(), [Nodes[0] with { State = NodeState.Draining }]));

    [Fact]
    public void Key_StaysTheSame_ThroughTheConversation()
    {
        const string first = """{"role":"developer","content":"Be short."},{"role":"user","content":"Say hi."}""";
        const string later = """,{"role":"assistant","content":"Hi."},{"role":"user","content":"Again."}""";
        Assert.Equal(Key($"[{first}]"), Key($"[{first}{later}]"));
        Assert.NotEqual(Key($"[{first}]"), Key("""[{"role":"user","content":"Say hi."}]"""));
        Assert.NotEqual(Key($"[{first}]"), Key($"[{first}]", tenant: "other"));
        Assert.NotEqual(Key($"[{first}]"), Key($"[{first}]", model: "other"));
        Assert.Equal(Key("\"Say hi.\""), Key("""[{"role":"user","content":[{"type":"input_text","text":"Say hi."}]}]"""));
    }

    [Fact]
    public void Session_IsTheKey_WhereTheClientNamesOne()
    {
        var hints = new SessionHints("s1", "t1");
        Assert.Equal(Key("\"One.\"", hints: hints), Key("\"Two.\"", hints: new SessionHints("s1", "t2")));
        Assert.NotEqual(Key("\"One.\"", hints: hints), Key("\"One.\"", hints: new SessionHints("s2", "t1")));
        Assert.NotEqual(Key("\"One.\"", hints: hints), Key("\"One.\"", hints: hints, tenant: "other"));
    }

    [Theory]
    [InlineData("""{"model":"m","input":"Hi.","store":false}""", true)]
    [InlineData("""{"model":"m","input":"Hi."}""", false)]
    [InlineData("""{"model":"m","input":[{"role":"user","content":"Hi."},{"role":"assistant","content":"Hi."}]}""", true)]
    [InlineData("""{"model":"m","input":"Hi.","store":false,"previous_response_id":"resp_1"}""", false)]
    [InlineData("""{"model":"m","input":"Hi.","conversation":"conv_1"}""", false)]
    [InlineData("""{"model":"m","input":"Hi.","background":true}""", false)]
    public void Request_HasAHome_WhereNothingElseSaysWhereItsConversationIs(string json, bool has) =>
        Assert.Equal(has, Homes.AreFor(Read(json), sendsAll: false));

    [Theory]
    [InlineData("""{"model":"m","input":"Hi."}""", true)] // what follows goes home, and finds it there
    [InlineData("""{"model":"m","input":"Hi.","previous_response_id":"resp_1"}""", false)]
    public void FirstRequest_OfAClientThatAlwaysSendsAll_HasAHome(string json, bool has) =>
        Assert.Equal(has, Homes.AreFor(Read(json), sendsAll: true));

    private static IEnumerable<byte[]> Keys() =>
        Enumerable.Range(0, Conversations).Select(n => Key($"\"Question {n}.\""));

    private static byte[] Key(string input, string tenant = "acme", string model = "m", SessionHints? hints = null) => Homes.KeyOf(
        new TenantId(tenant), Read($$"""{"model":"{{model}}","input":{{input}},"store":false}""", hints));

    private static CreateRequest Read(string json, SessionHints? hints = null) => CreateRequestReader.Read(
        Encoding.UTF8.GetBytes(json), CreateRequestOrigin.Http, ProtocolLimits.Default.ForRequests(), hints ?? SessionHints.None);

    private static ClusterNode Node(string name) =>
        new(new NodeName(name), new Incarnation(name), new Uri($"http://{name}:8787"), NodeState.Active);
}
