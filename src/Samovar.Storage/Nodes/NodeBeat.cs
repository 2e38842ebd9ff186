using System.Data.Common;
using Npgsql;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Nodes;

/// <summary>A node's beat as one prepared statement, one round trip: it says that the node goes on, and reads all rows.</summary>
/// <remarks>It comes four times a second for as long as the node lives: nothing of it is parsed or planned more than once.</remarks>
internal sealed class NodeBeat : IAsyncDisposable
{
    private readonly NpgsqlParameter<string> _incarnation = new() { ParameterName = "incarnation" };
    private readonly NpgsqlParameter<long> _parked = new() { ParameterName = "parked" };
    private readonly NpgsqlParameter<int> _running = Count("running"), _waiting = Count("waiting"), _places = Count("places"),
        _connections = Count("connections"), _relayed = Count("relayed"), _streams = Count("streams"), _busy = Count("busy");
    private readonly NpgsqlCommand _command;

    private NodeBeat(NpgsqlCommand command)
    {
        _command = command;
        foreach (NpgsqlParameter parameter in (NpgsqlParameter[])
            [_incarnation, _parked, _running, _waiting, _places, _connections, _relayed, _streams, _busy])
            command.Parameters.Add(parameter);
    }

    /// <param name="answerMax">How long the database may take for one beat. Whole seconds count.</param>
    public static async Task<NodeBeat> PrepareAsync(NpgsqlConnection connection, TimeSpan answerMax, CancellationToken caller)
    {
        var command = new NpgsqlCommand(SqlDialect.Postgres.Text(NodeTexts.Beat), connection)
        {
            CommandTimeout = (int)Math.Ceiling(answerMax.TotalSeconds),
        };
        var beat = new NodeBeat(command);
        await command.PrepareAsync(caller);
        return beat;
    }

    public async Task<NodesSeen> RunAsync(Incarnation incarnation, NodeLoad load, CancellationToken caller)
    {
        _incarnation.TypedValue = incarnation.Value;
        (_running.TypedValue, _waiting.TypedValue, _places.TypedValue) = (load.TurnsRunning, load.TurnsWaiting, load.Places);
        (_parked.TypedValue, _connections.TypedValue, _relayed.TypedValue) = (load.ParkedBytes, load.Connections, load.TurnsRelayed);
        (_streams.TypedValue, _busy.TypedValue) = (load.Streams, load.StreamsBusy);
        var (nodes, up) = (new List<NodeSeen>(), 0L);
        await using var reader = await _command.ExecuteReaderAsync(caller);
        while (await reader.ReadAsync(caller))
        {
            up = reader.GetInt64(0);
            if (!reader.IsDBNull(1)) nodes.Add(Read(reader));
        }
        return new NodesSeen(nodes, TimeSpan.FromMilliseconds(up));
    }

    public ValueTask DisposeAsync() => _command.DisposeAsync();

    private static NpgsqlParameter<int> Count(string name) => new() { ParameterName = name };

    private static NodeSeen Read(DbDataReader row)
    {
        var node = new ClusterNode(
            new NodeName(row.GetString(2)), new Incarnation(row.GetString(1)), new Uri(row.GetString(3)), (NodeState)row.GetInt32(4))
        {
            Version = row.GetString(8),
            InStateFor = row.IsDBNull(17) ? null : TimeSpan.FromMilliseconds(row.GetInt64(17)),
            Load = new NodeLoad
            {
                TurnsRunning = row.GetInt32(9), TurnsWaiting = row.GetInt32(10), Places = row.GetInt32(11), ParkedBytes = row.GetInt64(12),
                Connections = row.GetInt32(13), TurnsRelayed = row.GetInt32(14), Streams = row.GetInt32(15), StreamsBusy = row.GetInt32(16),
            },
        };
        return new NodeSeen(node, row.GetInt64(6), row.GetBoolean(7), row.GetString(5));
    }
}
