using Samovar.Protocol.Ids;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>A turn's use of a session that others may use, too.</summary>
/// <remarks>
/// A server that knows nothing of the session has run nothing: what was asked is asked again, once, on a new one. What else runs in the
/// session is answered on its own: nobody leaves it before. A call whose connection broke may have run: it has failed, and is not made
/// twice.
/// </remarks>
internal sealed class SessionLease : IToolSession
{
    private readonly Lock _lock = new();
    private readonly McpSessions _home;
    private readonly ToolOptions _options;
    private readonly ServerEntry _entry;
    private readonly TenantId _tenant;
    private readonly ToolCredentials _credentials;
    private SharedSession _session;

    public SessionLease(McpSessions home, ToolOptions options, ServerEntry entry, TenantId tenant, ToolCredentials credentials)
    {
        (_home, _options, _entry, _tenant, _credentials) = (home, options, entry, tenant, credentials);
        _session = home.Take(entry, tenant, credentials);
    }

    /// <summary>Waits until it is open.</summary>
    /// <exception cref="ToolServerException">It cannot be opened.</exception>
    public Task OpenAsync(CancellationToken cancelled) => OpenedAsync(_session, cancelled);

    public Task<IReadOnlyList<ListedTool>> ListAsync(CancellationToken cancelled) => OnceMoreAsync(async session =>
    {
        if (_home.ListOf(session, out var changes) is { } known) return known;
        var open = await OpenedAsync(session, cancelled);
        using var place = await _entry.Openings.TakeAsync(_tenant, cancelled);
        if (_home.ListOf(session, out changes) is { } listed) return listed; // who waited before has it
        RequireGoing(open);
        var (tools, freshFor) = await open.ListAsync(cancelled);
        _home.Note(session, tools, changes, open.Watch.IsOn ? _options.ListAgeMax : Least(freshFor, _options.ListAgeMax));
        return tools;
    });

    public Task<ToolResult> CallAsync(string name, string arguments, CancellationToken cancelled) => OnceMoreAsync(async session =>
    {
        var open = await OpenedAsync(session, cancelled);
        using var place = await _entry.Calls.TakeAsync(_tenant, cancelled);
        RequireGoing(open);
        return await open.CallAsync(name, arguments, cancelled);
    });

    public ValueTask DisposeAsync()
    {
        _home.GiveBack(_session);
        return ValueTask.CompletedTask;
    }

    private async Task<T> OnceMoreAsync<T>(Func<SharedSession, Task<T>> ask)
    {
        var session = Use();
        try
        {
            return await ask(session);
        }
        catch (SessionGoneException)
        {
            Replace(session);
        }
        finally
        {
            _home.GiveBack(session);
        }
        session = Use();
        try
        {
            return await ask(session);
        }
        catch (SessionGoneException gone)
        {
            throw gone.Said;
        }
        finally
        {
            _home.GiveBack(session);
        }
    }

    /// <summary>The turn's session, for one question.</summary>
    private SharedSession Use()
    {
        lock (_lock)
        {
            _home.Use(_session);
            return _session;
        }
    }

    /// <summary>Puts another session in the place of one that is gone; the same for all calls of the turn that find it gone.</summary>
    private void Replace(SharedSession gone)
    {
        _home.Retire(gone);
        lock (_lock)
        {
            if (_session != gone) return;
            _session = _home.Take(_entry, _tenant, _credentials);
        }
        _home.GiveBack(gone);
    }

    private async Task<McpSession> OpenedAsync(SharedSession session, CancellationToken cancelled)
    {
        var open = await session.Opening.WaitAsync(cancelled);
        RequireGoing(open);
        _home.Listen(session, open);
        return open;
    }

    /// <summary>Another turn may have heard meanwhile that it has ended.</summary>
    private static void RequireGoing(McpSession open)
    {
        if (open.IsOver) throw new SessionGoneException(new(ToolServerException.Http, 0, "Its session has ended."));
    }

    private static TimeSpan Least(TimeSpan? one, TimeSpan other) => one is { } said && said < other ? said : other;
}
