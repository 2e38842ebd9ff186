using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Tests.Hosting;

namespace Samovar.Cluster.Tests;

/// <summary>One node: a server in a process of its own, and the network through which the others reach it. Clients reach it
/// directly.</summary>
internal sealed record Node(string Name, SharingServer Server, CuttingProxy Door) : IAsyncDisposable
{
    public static Task<Node> StartAsync(SharedDatabase database, string address, string name, params (string, string)[] more) =>
        StartAsync(database, address, name, program: null, more);

    /// <param name="program">The server of another build; null is that of this one.</param>
    public static async Task<Node> StartAsync(
        SharedDatabase database, string address, string name, string? program, params (string, string)[] more)
    {
        var door = new CuttingProxy(new Uri("http://127.0.0.1:1"));
        var server = await database.StartAsync(address, program,
            [
                ("Cluster__Name", name), ("Cluster__Address", door.Address.ToString()), ("Cluster__Key", new string('k', 40)),
                ("Server__DrainTimeMax", "00:05:00"), // a turn on a busy machine is not to be cut
                .. more,
            ]);
        door.Server = server.Process.Address;
        return new Node(name, server, door);
    }

    /// <summary>The process ends without a word.</summary>
    public async Task KillAsync()
    {
        await Server.Process.SignalAsync("KILL");
        await Server.Process.EndAsync();
    }

    /// <summary>Where its clients open sockets.</summary>
    public Uri Socket => new UriBuilder(new Uri(Server.Process.Address, "/v1/responses")) { Scheme = "ws" }.Uri;

    public Task UntilRunningAsync() => UntilAsync(static self => self.GetProperty("running").GetInt32() > 0);

    /// <summary>Nothing of its clients' turns, or of other nodes', runs here any more.</summary>
    public Task UntilIdleAsync() => UntilAsync(static self => self.GetProperty("running").GetInt32() == 0);

    /// <summary>It knows of as many nodes that live.</summary>
    public async Task UntilItSeesAsync(int count)
    {
        using var late = new CancellationTokenSource(Soon.Patience);
        while ((await LivesAsync()).Count != count) await Task.Delay(50, late.Token);
    }

    /// <summary>Each node has said how many streams it has.</summary>
    public async Task UntilItSeesStreamsAsync()
    {
        using var late = new CancellationTokenSource(Soon.Patience);
        while ((await NodesAsync()).Any(static node => node.GetProperty("streams").GetInt32() == 0)) await Task.Delay(50, late.Token);
    }

    /// <summary>How many stored chains each node that it knows of owns; the server counts them once a second.</summary>
    public async Task<IReadOnlyDictionary<string, long>> OwnedAsync() => (await NodesAsync())
        .Where(static node => node.GetProperty("state").GetString() == "active")
        .ToDictionary(static node => node.GetProperty("name").GetString()!, static node => node.GetProperty("chains").GetInt64());

    /// <summary>Until it says of itself, at one of its beats, what it should.</summary>
    private async Task UntilAsync(Func<JsonElement, bool> isSo)
    {
        using var late = new CancellationTokenSource(Soon.Patience);
        while (!isSo(await SelfAsync())) await Task.Delay(50, late.Token);
    }

    /// <summary>The nodes that live, by their names, each with the life that it lives.</summary>
    public async Task<IReadOnlyDictionary<string, string>> LivesAsync() => (await NodesAsync())
        .Where(static node => node.GetProperty("state").GetString() == "active")
        .ToDictionary(static node => node.GetProperty("name").GetString()!, static node => node.GetProperty("incarnation").GetString()!);

    private async Task<JsonElement> SelfAsync() => (await NodesAsync()).First(static node => node.GetProperty("self").GetBoolean());

    private async Task<JsonElement.ArrayEnumerator> NodesAsync() =>
        (await Server.GetAsync("/v1/samovar/status")).Body.GetProperty("cluster").GetProperty("nodes").EnumerateArray();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Door.DisposeAsync();
    }
}

/// <summary>Nodes of one cluster.</summary>
internal sealed class Nodes : IAsyncDisposable
{
    private readonly List<Node> _all = [];
    private readonly SharedDatabase _database;
    private readonly string _address;

    private Nodes(SharedDatabase database, string address) => (_database, _address) = (database, address);

    public Node A => _all[0];
    public Node B => _all[1];
    public Node C => _all[2];

    public static async Task<Nodes> StartAsync(SharedDatabase database, int count, params (string, string)[] more)
    {
        var nodes = new Nodes(database, database.NewAddress());
        nodes._all.AddRange(await Task.WhenAll(
            Enumerable.Range(0, count).Select(n => Node.StartAsync(database, nodes._address, NameOf(n), more))));
        return nodes;
    }

    public static string NameOf(int at) => $"node-{(char)('a' + at)}";

    /// <summary>One more, or one that is started again.</summary>
    public Task<Node> StartAsync(string name, params (string, string)[] more) => StartAsync(name, program: null, more);

    /// <param name="program">The server of another build; null is that of this one.</param>
    public async Task<Node> StartAsync(string name, string? program, params (string, string)[] more)
    {
        var node = await Node.StartAsync(_database, _address, name, program, more);
        _all.Add(node);
        return node;
    }

    /// <summary>Each knows of all.</summary>
    public Task UntilAllSeenAsync() => Task.WhenAll(_all.Select(node => node.UntilItSeesAsync(_all.Count)));

    /// <summary>Each owns as many stored chains, in the order in which they were started.</summary>
    public async Task UntilTheyOwnAsync(params long[] chains)
    {
        using var late = new CancellationTokenSource(Soon.Patience);
        var wanted = _all.Select(static (node, at) => (node.Name, At: at)).ToDictionary(static node => node.Name, node => chains[node.At]);
        var owned = await A.OwnedAsync();
        while (!late.IsCancellationRequested && !wanted.All(node => owned.GetValueOrDefault(node.Key) == node.Value))
        {
            await Task.Delay(50);
            owned = await A.OwnedAsync();
        }
        Assert.Equal(wanted, owned);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _all) await node.DisposeAsync();
    }
}
