using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;

namespace Samovar.Turns;

/// <summary>
/// What the logs of one connection hold: counted in the node's share under the connection's flow, and bounded for the connection itself.
/// Safe for all threads.
/// </summary>
internal sealed class LogRoom : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FlowShare _logs;
    private readonly FlowId _flow;
    private readonly FlowShare? _connection;
    private long _held;
    private bool _isClosed;

    /// <param name="logs">The node's share.</param>
    /// <param name="flow">Whose part of it the connection takes.</param>
    /// <param name="bytesMax">What the connection's logs may hold that is not read; null where they have no bound of their own.</param>
    public LogRoom(FlowShare logs, FlowId flow, long? bytesMax = null)
    {
        (_logs, _flow) = (logs, flow);
        if (bytesMax is { } most) _connection = new FlowShare(new ByteShare("connection", most), multiple: null, firstBytes: 0);
    }

    /// <summary>Bytes that the connection's logs hold and their readers have not taken.</summary>
    public long Unread
    {
        get
        {
            if (_connection is not null) return _connection.Share.Bytes;
            lock (_gate) return _held;
        }
    }

    /// <summary>What one turn may wait for at once: more might never be there.</summary>
    public long WaitedBytesMax => Math.Min(_connection?.Share.BytesMax / 2 ?? long.MaxValue, _logs.Share.BytesMax / 4);

    /// <summary>Takes room for events that will be unread, and waits while there is not enough.</summary>
    public async ValueTask TakeAsync(long bytes, CancellationToken turnEnds)
    {
        if (_connection is not null) await _connection.TakeAsync(_flow, bytes, turnEnds);
        try
        {
            await _logs.TakeAsync(_flow, bytes, turnEnds);
        }
        catch
        {
            _connection?.GiveBack(_flow, bytes);
            throw;
        }
        Count(bytes);
    }

    /// <summary>Counts events that are there already.</summary>
    public void Take(long bytes)
    {
        _connection?.Take(_flow, bytes);
        _logs.Take(_flow, bytes);
        Count(bytes);
    }

    public void GiveBack(long bytes)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _held -= bytes;
        }
        _connection?.GiveBack(_flow, bytes);
        _logs.GiveBack(_flow, bytes);
    }

    /// <summary>What a running turn keeps of its output until it is over.</summary>
    public PinnedBytes ForOutput() => new(_logs);

    /// <summary>The connection is gone, and with it the reader: gives back what its logs still hold.</summary>
    public void Dispose()
    {
        long held;
        lock (_gate)
        {
            if (_isClosed) return;
            (_isClosed, held, _held) = (true, _held, 0);
        }
        _logs.GiveBack(_flow, held);
    }

    private void Count(long bytes)
    {
        bool isClosed;
        lock (_gate)
        {
            isClosed = _isClosed;
            if (!isClosed) _held += bytes;
        }
        if (isClosed) _logs.GiveBack(_flow, bytes);
    }
}
