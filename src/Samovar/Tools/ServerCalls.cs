using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;

namespace Samovar.Tools;

/// <summary>The calls of one response: each within its time, so many at once, all over when the response is.</summary>
/// <remarks>A server is spoken with from its first use to the response's end. Whoever ends a response disposes of this: what runs is
/// cancelled and waited for.</remarks>
internal sealed partial class ServerCalls : IAsyncDisposable
{
    private const string TooMany = "This call was not run: the response has made as many calls as it may.";

    private readonly IToolServers _servers;
    private readonly ToolOptions _options;
    private readonly TenantId _tenant;
    private readonly ResponseId _response;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended;
    private readonly SemaphoreSlim _places;
    private readonly Dictionary<string, Task<IToolSession>> _sessions = new(StringComparer.Ordinal);
    private readonly List<Task> _running = [];
    private readonly Lock _gate = new();
    private readonly int _callsMax;
    private int _calls;

    public ServerCalls(
        IToolServers servers, ToolOptions options, Backends.BackendTurn turn, TimeProvider time, ILogger logger,
        CancellationToken turnCancelled)
    {
        (_servers, _options, _tenant, _response, _time, _logger) = (servers, options, turn.Tenant, turn.Id, time, logger);
        _callsMax = Math.Min(options.CallsMax, turn.Request.MaxToolCalls ?? int.MaxValue);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(turnCancelled);
        _places = new SemaphoreSlim(options.CallsAtOnceMax);
    }

    /// <summary>Whether the response may make no more calls.</summary>
    public bool AreUsedUp => _calls >= _callsMax;

    /// <summary>Begins a call, where the response may make one more.</summary>
    public Task<ServedOutcome> Start(ServedItem item)
    {
        if (AreUsedUp) return Task.FromResult(new ServedOutcome(null, ServedFault.OfTool(TooMany)));
        _calls++;
        var running = RunAsync(item);
        _running.Add(running);
        return running;
    }

    /// <summary>A server's tools.</summary>
    /// <exception cref="ToolServerException">It does not say.</exception>
    public async Task<IReadOnlyList<ListedTool>> ListAsync(McpTool server)
    {
        using var deadline = new CancellationTokenSource(_options.ListTimeMax, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, deadline.Token);
        try
        {
            return await (await OpenAsync(server, linked.Token)).ListAsync(linked.Token);
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !_ended.IsCancellationRequested)
        {
            throw Late(_options.ListTimeMax, late);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ended.Cancel();
        foreach (var running in _running)
        {
            try { await running; }
            catch (OperationCanceledException) { /* as it should */ }
        }
        foreach (var opening in _sessions.Values)
        {
            try { await (await opening).DisposeAsync(); }
            catch (Exception exception) when (exception is ToolServerException or OperationCanceledException or ApiException)
            {
                // it never was
            }
            catch (Exception exception) { Log.NotClosed(_logger, _response, exception); } // one server: the response is over
        }
        _places.Dispose();
        _ended.Dispose();
    }

    private async Task<ServedOutcome> RunAsync(ServedItem item)
    {
        await _places.WaitAsync(_ended.Token);
        var begun = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(_options.CallTimeMax, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, deadline.Token);
        var outcome = "failed";
        try
        {
            var session = await OpenAsync(item.Tool.Server, linked.Token);
            var arguments = item.Tool.Search is { } search ? McpJson.Argument(search.Argument, ServedEvents.QueryOf(item)) : item.Arguments;
            var result = await session.CallAsync(item.Tool.Name, arguments, linked.Token);
            outcome = result.IsError ? "error" : "completed";
            return result.IsError ? new(null, ServedFault.OfTool(result.Text)) : new(result.Text, null);
        }
        catch (ToolServerException failed)
        {
            return new(null, new ServedFault(failed.Type, failed.Code, failed.Message));
        }
        catch (OperationCanceledException) when (!_ended.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            outcome = "timed out";
            return new(null, new ServedFault(
                ToolServerException.Http, 0, $"The call was not answered within {DurationText.Of(_options.CallTimeMax)}."));
        }
        catch (Exception broken) when (broken is not (OperationCanceledException or ApiException)) // one call: the model is told
        {
            Log.Broke(_logger, _response, broken);
            return new(null, new ServedFault(ToolServerException.Protocol, 0, "The call failed."));
        }
        finally
        {
            Log.Called(_logger, _response, item.Tool.Server.Label, outcome, (long)_time.GetElapsedTime(begun).TotalMilliseconds);
            _places.Release();
        }
    }

    /// <summary>The server, spoken with since its first use; one that could not be reached is tried again.</summary>
    private Task<IToolSession> OpenAsync(McpTool server, CancellationToken cancelled)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(server.Label, out var opening) || opening.IsFaulted || opening.IsCanceled)
                _sessions[server.Label] = opening = ConnectAsync(server);
            return opening.WaitAsync(cancelled);
        }
    }

    private async Task<IToolSession> ConnectAsync(McpTool server)
    {
        using var deadline = new CancellationTokenSource(_options.ListTimeMax, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, deadline.Token);
        try
        {
            return await _servers.OpenAsync(_tenant, server, linked.Token);
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !_ended.IsCancellationRequested)
        {
            throw Late(_options.ListTimeMax, late);
        }
    }

    private static ToolServerException Late(TimeSpan after, Exception cause) =>
        new(ToolServerException.Http, 0, $"It did not answer within {DurationText.Of(after)}.", cause);

    private static partial class Log
    {
        [LoggerMessage(2300, LogLevel.Debug, "{ResponseId} called a tool of {Server}: {Outcome} in {Milliseconds} ms")]
        public static partial void Called(ILogger logger, ResponseId responseId, string server, string outcome, long milliseconds);

        [LoggerMessage(2301, LogLevel.Error, "A call of a tool for {ResponseId} broke")]
        public static partial void Broke(ILogger logger, ResponseId responseId, Exception exception);

        [LoggerMessage(2302, LogLevel.Debug, "A server of tools could not be left well after {ResponseId}")]
        public static partial void NotClosed(ILogger logger, ResponseId responseId, Exception exception);
    }
}
