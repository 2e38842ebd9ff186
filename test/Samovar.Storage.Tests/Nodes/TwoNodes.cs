using Npgsql;
using Samovar.Protocol.Ids;
using Samovar.Storage.Nodes;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Nodes;

/// <summary>Two nodes on one PostgreSQL.</summary>
public abstract class TwoNodes(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _opened = [];

    private protected string Address { get; private set; } = "";
    private protected Node One { get; private set; } = null!;
    private protected Node Other { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Address = postgres.ConnectionString();
        (One, Other) = (await NodeAsync("one"), await NodeAsync("other"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened) await opened.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(Address + ";Pooling=false");
        _opened.Insert(0, connection);
        await connection.OpenAsync(Soon.Token);
        return connection;
    }

    private protected static async Task ExecuteAsync(NpgsqlConnection connection, string text)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Soon.Token);
    }

    /// <summary>Until so many wait for what other transactions hold.</summary>
    private protected async Task WaitForLocksAsync(long count)
    {
        await using var connection = new NpgsqlConnection(Address + ";Pooling=false");
        await connection.OpenAsync(Soon.Token);
        await using var command = new NpgsqlCommand("""
            SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE NOT l.granted AND EXISTS (SELECT 1 FROM pg_locks h JOIN pg_class c ON c.oid = h.relation
              JOIN pg_namespace n ON n.oid = c.relnamespace WHERE h.pid = l.pid AND n.nspname = current_schema())
            """, connection);
        var soon = Soon.Token;
        while ((long)(await command.ExecuteScalarAsync(soon))! < count) await Task.Delay(20, soon);
    }

    private async Task<Node> NodeAsync(string name)
    {
        var life = new Life { Current = Incarnation.New(new IdSource()) };
        var house = await StoreHouse.PostgresAsync(Address, life: life);
        _opened.Add(house);
        var options = new StoreOptions { Kind = "postgres", ConnectionString = Address };
        var rows = new PostgresNodeRows(PostgresAddress.Of(options), options.CommandTimeMax);
        _opened.Add(rows);
        var node = new Node(name, house, rows, life);
        await node.BeginAsync();
        return node;
    }

    /// <summary>What a node takes itself for.</summary>
    internal sealed class Life : ICurrentLife
    {
        public Incarnation? Current { get; set; }
    }

    /// <summary>One of them.</summary>
    internal sealed record Node(string Name, StoreHouse House, PostgresNodeRows Nodes, Life Life)
    {
        public SqlTreeRows Trees => House.Trees;
        public IChainRows Rows => House.Rows;

        public ClusterNode Row => new(new NodeName(Name), Life.Current!.Value, new Uri($"http://{Name}:1"), NodeState.Active);

        public async Task BeginAsync() => await Nodes.BeginAsync(
            Row with { Process = House.Process.Value }, Soon.Token);

        /// <summary>As its peers do it, without its knowledge.</summary>
        public async Task DieAsync(Node peer) => Assert.True(
            await peer.Nodes.MoveAsync(Life.Current!.Value, NodeState.Dead, "its lock fell", Soon.Token));

        public async Task<ChainClaim> ClaimAsync(ResponseId? root, long? placed = null) =>
            await Rows.ClaimAsync(Tea, root, placed, Soon.Token);

        public async Task<ChainRow> AppendAsync(ChainRow row, long? placed = null)
        {
            row = row with { Claim = await ClaimAsync(row.Parent is null ? null : row.Root, placed) };
            await Rows.AppendAsync(row, Soon.Token);
            return row;
        }

        public async Task<TreeRow> TreeAsync(ChainRow row) => (await Trees.FindAsync(Tea, row.Id, Soon.Token))!;
    }
}
