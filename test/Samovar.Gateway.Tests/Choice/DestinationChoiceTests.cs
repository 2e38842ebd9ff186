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

    private static BackendTurn Turn()
    {
        var request = CreateRequestReader.Read(
            """{"model":"m","input":"hello"}"""u8.ToArray(), CreateRequestOrigin.Http, ProtocolLimits.Default);
        return new BackendTurn
        {
            Tenant = TenantId.Local, Id = new ResponseId("resp_1"), Context = new TurnContext(null, request.Input), Request = request,
            Instructions = null, Tools = ToolList.Empty,
        };
    }
}
