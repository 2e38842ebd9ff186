using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Faults;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>A wait queue in front of destinations that nobody speaks to: turns only take places and give them back.</summary>
internal sealed class WaitingRoom : IDisposable
{
    public const string Model = "m";
    private readonly TestMeters _meters = new();
    private readonly ConcurrentQueue<Task> _entered = new();

    /// <param name="limits">In-flight limits of the destinations a, b, c …</param>
    public WaitingRoom(params int[] limits)
        : this(new ManualTime(), null, [.. limits.Select(limit => new DestinationOptions { InFlightMax = limit })]) { }

    /// <param name="shares">The limits' parts of one node of several.</param>
    /// <param name="limits">Of the destinations a, b, c …</param>
    public WaitingRoom(ManualTime time, DestinationShares? shares, params DestinationOptions[] limits)
    {
        Time = time;
        Options = new UpstreamOptions { Pools = [new PoolOptions { Name = "p" }] };
        foreach (var destination in limits)
        {
            destination.Name = ((char)('a' + Options.Pools[0].Destinations.Count)).ToString();
            (destination.Kind, destination.BaseUrl) = ("chat", "http://127.0.0.1:9/v1");
            destination.Models.Add(Model);
            Options.Pools[0].Destinations.Add(destination);
        }
        Pools = new PoolTable(Options, Time, _ => null, shares: shares);
        var affinity = new AffinityMap(1000, TimeSpan.FromHours(4), Time, new NoAffinityJournal());
        var choice = new DestinationChoice(affinity, new SealedItems(affinity), new FaultyRandom(Fault));
        Queue = new WaitQueue(Pools, choice, new WaitMetrics(_meters), Time, NullLogger<WaitQueue>.Instance);
    }

    public Fault Fault { get; } = new();
    public ManualTime Time { get; }
    public UpstreamOptions Options { get; }
    public PoolTable Pools { get; }
    public WaitQueue Queue { get; }
    public Pool Pool => Pools.Current[0];

    /// <summary>The turn that entered last.</summary>
    public BackendTurn? Newest { get; private set; }

    /// <summary>Whether every turn that has entered has its answer or waits in the queue: no thread is about to carry one.</summary>
    public bool IsSettled => _entered.Count(static turn => !turn.IsCompleted) == Queue.Count;

    public DestinationState State(string name) => Pool.Find(name)!.State;

    /// <param name="owner">The destination that holds the turn's chain.</param>
    /// <param name="excluded">One that has failed it.</param>
    public Task<DestinationRoute> EnterAsync(
        string tenant = "t", string? owner = null, string? excluded = null, string? flow = null,
        CancellationToken cancelled = default)
    {
        HashSet<string> failed = excluded is null ? [] : [excluded];
        Newest = Turn(tenant, owner) with { Flow = new FlowId(flow ?? tenant) };
        var turn = Queue.RouteAsync(new RouteRequest(Newest, Model, failed), Pool, mayWait: true, cancelled).AsTask();
        _entered.Enqueue(turn);
        return turn;
    }

    public async Task<DestinationRoute.To> PlacedAsync(Task<DestinationRoute> route) =>
        Assert.IsType<DestinationRoute.To>(await route.WaitAsync(Soon.Patience));

    public void Dispose()
    {
        Queue.Dispose();
        _meters.Dispose();
    }

    private static BackendTurn Turn(string tenant, string? owner) => new()
    {
        Tenant = new TenantId(tenant), Id = new ResponseId("resp_new"), Context = new TurnContext(owner is null ? null : Parent(owner), []),
        Request = new CreateRequest(), Instructions = null, Tools = ToolList.Empty,
    };

    private static ChainNode Parent(string owner) => new()
    {
        Tenant = TenantId.Local, Id = new ResponseId("resp_1"), Parent = null, Input = [], Bytes = 0,
        State = new UpstreamState { Destination = owner, Conversation = "c", ResponseId = "resp_up", IsStored = true },
        Response = new Response
        {
            Id = new ResponseId("resp_1"), CreatedAt = DateTimeOffset.UnixEpoch, Status = ResponseStatus.Completed, Model = Model,
            Request = new CreateRequest(), Output = [],
        },
    };

    /// <summary>Draws that may break: the choice asks for one each time.</summary>
    private sealed class FaultyRandom(Fault fault) : Random(4711)
    {
        public override double NextDouble()
        {
            fault.At("choice");
            return base.NextDouble();
        }
    }
}
