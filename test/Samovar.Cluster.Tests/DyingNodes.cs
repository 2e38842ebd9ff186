using Samovar.Testing;
using Samovar.Tests.Hosting;

namespace Samovar.Cluster.Tests;

/// <summary>Three nodes behind a balancer, of which one after the other is killed and started again while a client is answered: when, and
/// which, a seed says, in bytes of the answers.</summary>
internal sealed class DyingNodes : IAsyncDisposable
{
    private const int Count = 3, BytesLeast = 1500, BytesMost = 9000;
    private readonly SemaphoreSlim _turns = new(1);
    private readonly Nodes _nodes;
    private readonly Node[] _current;
    private readonly (string, string)[] _settings;
    private readonly Random _random;
    private readonly int _deathsMax;
    private Task _starting = Task.CompletedTask;
    private int _chosen;
    private long _left;

    private DyingNodes(Nodes nodes, int seed, int deathsMax, (string, string)[] settings)
    {
        (_nodes, _random, _deathsMax, _settings) = (nodes, new Random(seed), deathsMax, settings);
        _current = [nodes.A, nodes.B, nodes.C];
        _left = Gap();
        Balancer = new Balancer(() => _current[_chosen].Server.Process.Address, AnsweredAsync);
    }

    public Balancer Balancer { get; }

    /// <summary>How often a node was killed.</summary>
    public int Deaths { get; private set; }

    /// <summary>How often the client was sent to another node, though its own lived.</summary>
    public int Moves { get; private set; }

    /// <summary>A node that lives.</summary>
    public Node Alive => _current[_chosen];

    public static async Task<DyingNodes> StartAsync(
        SharedDatabase database, int seed, int deathsMax, params (string, string)[] settings) =>
        new(await Nodes.StartAsync(database, Count, settings), seed, deathsMax, settings);

    public async ValueTask DisposeAsync()
    {
        await Balancer.DisposeAsync();
        await _starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _nodes.DisposeAsync();
        _turns.Dispose();
    }

    /// <summary>Its client gets nothing more until what is due has happened.</summary>
    private async Task AnsweredAsync(int bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) > 0 || Deaths >= _deathsMax) return;
        await _turns.WaitAsync(Soon.Token);
        try
        {
            if (Interlocked.Read(ref _left) > 0 || Deaths >= _deathsMax) return;
            await _starting; // one is dead at a time
            if (_random.Next(3) == 0) Move();
            else await KillAsync(_random.Next(Count));
            Interlocked.Exchange(ref _left, Gap());
        }
        finally
        {
            _turns.Release();
        }
    }

    private void Move()
    {
        Moves++;
        _chosen = Other(_chosen);
        Balancer.Cut();
    }

    private async Task KillAsync(int at)
    {
        Deaths++;
        if (_chosen == at) _chosen = Other(at);
        await _current[at].KillAsync();
        _starting = StartAgainAsync(at);
    }

    private async Task StartAgainAsync(int at) => _current[at] = await _nodes.StartAsync(_current[at].Name, _settings);

    private int Other(int than) => (than + 1 + _random.Next(Count - 1)) % Count;

    private long Gap() => _random.Next(BytesLeast, BytesMost);
}
