using Microsoft.Extensions.Logging;
using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>Sessions with MCP servers, shared by the turns of one tenant with the same credentials and kept between them for a
/// while.</summary>
/// <remarks>
/// A session belongs to this house, never to a turn: a turn that leaves while it is opened stops nothing that another waits for. Where the
/// house is full, the one that was used longest ago gives way; where all are used, a turn's session is its own and ends with it. One that
/// its server has ended is left, and whoever finds that out gets another. Whatever is closed is waited for when the server stops.
/// </remarks>
internal sealed partial class McpSessions : IAsyncDisposable
{
    private static readonly TimeSpan SweepMin = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, SharedSession> _kept = [];
    private readonly Dictionary<SharedSession, Task> _closing = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly McpConnector _connector;
    private readonly ToolOptions _options;
    private readonly McpMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _sweep;
    private long _listBytes;
    private bool _isClosed;

    public McpSessions(ToolOptions options, McpMetrics metrics, TimeProvider time, ILogger logger)
    {
        (_connector, _options, _metrics, _time, _logger) = (new McpConnector(options, time, logger), options, metrics, time, logger);
        var every = options.SessionIdleMax / 4;
        _sweep = time.CreateTimer(_ => Sweep(), null, every > SweepMin ? every : SweepMin, every > SweepMin ? every : SweepMin);
        metrics.Watch(() => Count(isUsed: true), () => Count(isUsed: false));
    }

    /// <summary>A session for a turn, an open one where there is one; whoever takes it gives it back.</summary>
    /// <exception cref="ToolServerException">The server stops.</exception>
    public SharedSession Take(ServerEntry entry, TenantId tenant, ToolCredentials credentials)
    {
        var key = SessionKey.Of(entry, tenant, credentials);
        SharedSession taken;
        lock (_lock)
        {
            if (_isClosed) throw Stopping(null);
            if (_kept.TryGetValue(key, out var known) && !known.IsOver)
            {
                known.Users++;
                _metrics.Opened(entry.Name, McpMetrics.Reused);
                return known;
            }
            if (known is not null) Leave(known);
            taken = new SharedSession(key, OpenAsync(entry, tenant, credentials)) { Users = 1 };
            if (MakeRoom(tenant)) _kept.Add(key, taken);
        }
        return taken;
    }

    /// <summary>Whoever uses it uses it once more, and gives it back as often.</summary>
    public void Use(SharedSession session)
    {
        lock (_lock) session.Users++;
    }

    /// <summary>The turn needs it no more.</summary>
    public void GiveBack(SharedSession session)
    {
        lock (_lock)
        {
            session.IdleSince = _time.GetTimestamp();
            if (--session.Users > 0) return;
            if (!IsKept(session)) Close(session);
            else if (session.IsOver) Leave(session);
        }
    }

    /// <summary>Nobody begins to use it any more; it ends with the last turn that does.</summary>
    public void Retire(SharedSession session)
    {
        lock (_lock)
            if (IsKept(session)) Leave(session);
    }

    /// <summary>The session's tools, where they are known and not too old.</summary>
    public IReadOnlyList<ListedTool>? ListOf(SharedSession session, out int changes)
    {
        lock (_lock)
        {
            changes = session.Changes;
            if (session.List is { } list && list.Until <= _time.GetTimestamp()) Forget(session);
            return session.List?.Tools;
        }
    }

    /// <summary>Notes a list, unless it has changed since it was asked for.</summary>
    /// <param name="changes">As they were then.</param>
    /// <param name="freshFor">For how long it may be known.</param>
    public void Note(SharedSession session, IReadOnlyList<ListedTool> tools, int changes, TimeSpan freshFor)
    {
        var bytes = tools.Sum(static tool => tool.Bytes);
        lock (_lock)
        {
            if (freshFor <= TimeSpan.Zero || session.Changes != changes || !IsKept(session)) return;
            Forget(session);
            if (_listBytes + bytes > _options.ListBytesMax) return; // each turn asks for it
            _listBytes += bytes;
            session.List = new KnownList(tools, _time.GetTimestamp() + (long)(freshFor.TotalSeconds * _time.TimestampFrequency), bytes);
        }
    }

    /// <summary>Begins to listen for changes of its list, the first time.</summary>
    public void Listen(SharedSession session, McpSession open)
    {
        lock (_lock)
        {
            if (session.IsListening || !IsKept(session)) return; // one turn's own: it keeps no list
            session.IsListening = true;
            open.Watch.Begin(() => Changed(session));
        }
    }

    /// <summary>The server says that its list has changed.</summary>
    private void Changed(SharedSession session)
    {
        lock (_lock)
        {
            session.Changes++;
            Forget(session);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        Task[] closing;
        lock (_lock)
        {
            if (_isClosed) return;
            _isClosed = true;
            foreach (var session in _kept.Values.ToList())
            {
                _kept.Remove(session.Key);
                Close(session); // turns are over by now, or are ended by it
            }
            closing = [.. _closing.Values];
        }
        await _stopping.CancelAsync();
        await Task.WhenAll(closing);
        _stopping.Dispose();
    }

    private int Count(bool isUsed)
    {
        lock (_lock) return _kept.Values.Count(session => session.Users > 0 == isUsed);
    }

    private bool IsKept(SharedSession session) => _kept.GetValueOrDefault(session.Key) == session;

    private bool MakeRoom(TenantId tenant)
    {
        if (_options.SessionIdleMax == TimeSpan.Zero) return false;
        if (_kept.Keys.Count(key => key.Tenant == tenant) >= _options.SessionsTenantMax && !LeaveOldest(key => key.Tenant == tenant))
            return false;
        return _kept.Count < _options.SessionsMax || LeaveOldest(static _ => true);
    }

    private bool LeaveOldest(Func<SessionKey, bool> among)
    {
        var oldest = _kept.Values.Where(session => session.Users == 0 && among(session.Key)).MinBy(static session => session.IdleSince);
        if (oldest is not null) Leave(oldest);
        return oldest is not null;
    }

    private void Leave(SharedSession session)
    {
        _kept.Remove(session.Key);
        Forget(session);
        if (session.Users == 0) Close(session);
    }

    private void Forget(SharedSession session)
    {
        _listBytes -= session.List?.Bytes ?? 0;
        session.List = null;
    }

    private void Close(SharedSession session)
    {
        if (session.IsLeft) return;
        session.IsLeft = true;
        _closing.Add(session, CloseAsync(session)); // the lock is held: it ends later
    }

    private async Task<McpSession> OpenAsync(ServerEntry entry, TenantId tenant, ToolCredentials credentials)
    {
        await Task.Yield(); // whoever asks holds the lock
        using var deadline = new CancellationTokenSource(_options.ListTimeMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, deadline.Token);
        try
        {
            using var place = await entry.Openings.TakeAsync(tenant, either.Token);
            var session = await _connector.OpenAsync(entry, credentials, either.Token);
            _metrics.Opened(entry.Name, McpMetrics.New);
            return session;
        }
        catch (Exception failed)
        {
            _metrics.Opened(entry.Name, McpMetrics.Failed);
            if (failed is not OperationCanceledException) throw;
            throw _stopping.IsCancellationRequested ? Stopping(failed) : new ToolServerException(
                ToolServerException.Http, 0, $"It did not answer within {DurationText.Of(_options.ListTimeMax)}.", failed);
        }
    }

    private async Task CloseAsync(SharedSession session)
    {
        await Task.Yield(); // the lock is held
        try
        {
            var open = await session.Opening;
            await open.DisposeAsync().AsTask().WaitAsync(_options.CloseTimeMax, _time);
        }
        catch (ToolServerException) { /* it never was */ }
        catch (Exception exception) { GuardedLog.Write(() => Log.NotClosed(_logger, session.Key.Server, exception)); } // one session
        lock (_lock) _closing.Remove(session);
    }

    private void Sweep()
    {
        lock (_lock)
        {
            if (_isClosed) return;
            foreach (var session in _kept.Values.Where(IsOldOrOver).ToList()) Leave(session);
        }
    }

    private bool IsOldOrOver(SharedSession session) =>
        session.Users == 0 && (session.IsOver || _time.GetElapsedTime(session.IdleSince) >= _options.SessionIdleMax);

    private static ToolServerException Stopping(Exception? cause) =>
        new(ToolServerException.Http, 0, "This server is stopping.", cause);

    private static partial class Log
    {
        [LoggerMessage(8801, LogLevel.Debug, "A session with the server of tools '{Server}' could not be left well")]
        public static partial void NotClosed(ILogger logger, string server, Exception exception);
    }
}
