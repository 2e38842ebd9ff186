using System.Text;
using Samovar.Backends;
using Samovar.Context;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>The choice itself, without upstreams.</summary>
public sealed class DestinationChoiceTests
{
    [Fact]
    public void Choice_FindsADestination_WhileLoadsChangeUnderIt()
    {
        const int Threads = 4, Choices = 20_000;
        var options = TestGateway.Options("chat");
        options.Pools[0].Destinations.Add(
            new DestinationOptions { Name = "only", Kind = "chat", BaseUrl = "http://a/v1", Models = { "m" } });
        var pool = new PoolTable(options, TimeProvider.System, _ => null).Current[0];
        var affinity = new AffinityMap(10, TimeSpan.FromHours(1), TimeProvider.System, new NoAffinityJournal());
        var choice = new DestinationChoice(affinity, new SealedItems(affinity), new Random(1));
        var wanted = new RouteRequest(Turn(), "m", new HashSet<string>());
        var chosen = 0;

        Parallel.For(0, Threads, _ =>
        {
            for (var i = 0; i < Choices; i++)
            {
                if (choice.Choose(pool, wanted, awaitsOwner: false) is not DestinationRoute.To to) continue;
                Interlocked.Increment(ref chosen);
                to.Place.Dispose();
            }
        });

        Assert.Equal(Threads * Choices, chosen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nodes_ChooseAlike_ForAConversationThatNeitherKnows(bool isNamed)
    {
        const int Conversations = 400;
        var ((one, pool), (other, pools)) = (Node(1, "a", "b", "c"), Node(2, "a", "b", "c"));
        var (more, poolOfFour) = Node(3, "a", "b", "c", "d");
        Dictionary<string, int> chosen = new(StringComparer.Ordinal);
        var moved = 0;
        for (var i = 0; i < Conversations; i++)
        {
            var hints = isNamed ? new SessionHints($"session {i}", null) : SessionHints.None;
            var at = NameOf(one.Choose(pool, Wanted(i, hints), awaitsOwner: false));
            Assert.Equal(at, NameOf(other.Choose(pools, Wanted(i, hints), awaitsOwner: false)));
            chosen[at] = chosen.GetValueOrDefault(at) + 1;
            var now = NameOf(more.Choose(poolOfFour, Wanted(i, hints), awaitsOwner: false));
            if (now == at) continue;
            Assert.Equal("d", now); // nobody moves but those who go to the new one
            moved++;
        }
        Assert.InRange(chosen["a"], 160, 240); // half of the weight
        Assert.InRange(chosen["b"], 60, 140);
        Assert.InRange(moved, 40, 120);
    }

    [Fact]
    public void Load_CountsBeforeTheName()
    {
        var (choice, pool) = Node(1, "a", "b");
        var at = NameOf(choice.Choose(pool, Wanted(7, SessionHints.None), awaitsOwner: false));
        Assert.IsType<Admission.Granted>(pool.Find(at)!.State.Admit());
        Assert.NotEqual(at, NameOf(choice.Choose(pool, Wanted(7, SessionHints.None), awaitsOwner: false)));
    }

    private static (DestinationChoice Choice, Pool Pool) Node(int seed, params string[] destinations)
    {
        var options = TestGateway.Options("chat");
        foreach (var name in destinations)
            options.Pools[0].Destinations.Add(new DestinationOptions
            {
                Name = name, Kind = "chat", BaseUrl = "http://a/v1", Models = { "m" }, Weight = name == "a" ? 2 : 1,
            });
        var affinity = new AffinityMap(10, TimeSpan.FromHours(1), TimeProvider.System, new NoAffinityJournal());
        var choice = new DestinationChoice(affinity, new SealedItems(affinity), new Random(seed), isOneOfSeveral: true);
        return (choice, new PoolTable(options, TimeProvider.System, _ => null).Current[0]);
    }

    private static RouteRequest Wanted(int conversation, SessionHints hints) =>
        new(Turn($"hello {(hints.Session is null ? conversation : 0)}", hints), "m", new HashSet<string>());

    private static string NameOf(DestinationRoute route)
    {
        var to = Assert.IsType<DestinationRoute.To>(route);
        to.Place.Dispose();
        return to.Destination.Name;
    }

    private static BackendTurn Turn(string said = "hello", SessionHints? hints = null)
    {
        var request = CreateRequestReader.Read(
            Encoding.UTF8.GetBytes($$"""{"model":"m","input":"{{said}}"}"""), CreateRequestOrigin.Http, ProtocolLimits.Default)
            with { Hints = hints ?? SessionHints.None };
        return new BackendTurn
        {
            Tenant = TenantId.Local, Id = new ResponseId("resp_1"), Context = new TurnContext(null, request.Input), Request = request,
            Instructions = null, Tools = ToolList.Empty,
        };
    }
}
