using System.Text;
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
    private readonly Backends.BackendTurn _turn;
    private readonly ToolMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended;
    private readonly SemaphoreSlim _places;
    private readonly Dictionary<(string Entry, string Label, string Param), Task<IToolSession>> _sessions = [];
    private readonly List<Task> _running = [];
    private readonly Lock _gate = new();
    private readonly int _callsMax;
    private int _calls;

    /// <param name="parts">Who runs tools, and within which bounds.</param>
    /// <param name="turn">Whose calls they are.</param>
    /// <param name="turnCancelled">Ends what runs.</param>
    public ServerCalls(ToolParts parts, Backends.BackendTurn turn, CancellationToken turnCancelled)
    {
        (_servers, _options, _turn, _metrics, _time, _logger) =
            (parts.Servers, parts.Options, turn, parts.Metrics, parts.Time, parts.Logger);
        _callsMax = Math.Min(_options.CallsMax, turn.Request.MaxToolCalls ?? int.MaxValue);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(turnCancelled);
        _places = new SemaphoreSlim(_options.CallsAtOnceMax);
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

    /// <summary>A call waits for its user.</summary>
    public void Asked(ServedTool tool) => _metrics.Approval(tool.Server.Entry, ToolMetrics.Asked);

    /// <summary>A server's tools that the request allows.</summary>
    /// <exception cref="ToolServerException">It does not say.</exception>
    public async Task<IReadOnlyList<ListedTool>> ListAsync(McpTool server)
    {
        var reading = new CallReading(_turn, server.Entry, CallReading.List, _metrics, _time);
        using var deadline = new CancellationTokenSource(_options.ListTimeMax, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, deadline.Token);
        try
        {
            var all = await (await OpenAsync(server, linked.Token)).ListAsync(linked.Token);
            (reading.Outcome, reading.BytesBack) = (CallReading.Completed, all.Sum(static tool => tool.Bytes));
            return [.. all.Where(tool => server.Allowed.Has(tool.Name, tool.IsReadOnly))];
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !_ended.IsCancellationRequested)
        {
            reading.Outcome = CallReading.TimedOut;
            throw Late(_options.ListTimeMax, late);
        }
        catch (OperationCanceledException)
        {
            reading.Outcome = CallReading.Cancelled;
            throw;
        }
        finally
        {
            reading.End();
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
            catch (Exception exception) { Log.NotClosed(_logger, _turn.Id, exception); } // one server: the response is over
        }
        _places.Dispose();
        _ended.Dispose();
    }

    private async Task<ServedOutcome> RunAsync(ServedItem item)
    {
        await _places.WaitAsync(_ended.Token);
        var server = item.Tool.Server;
        var arguments = item.Tool.Search is { } search ? McpJson.Argument(search.Argument, ServedEvents.QueryOf(item)) : item.Arguments;
        var reading = new CallReading(_turn, server.Entry, CallReading.Call, _metrics, _time)
        {
            BytesOut = Encoding.UTF8.GetByteCount(arguments),
        };
        try
        {
            return await CallAsync(item.Tool, arguments, reading);
        }
        catch (OperationCanceledException)
        {
            reading.Outcome = CallReading.Cancelled;
            throw;
        }
        catch (Exception broken) when (broken is not ApiException) // one call: the model is told
        {
            Log.Broke(_logger, _turn.Id, broken);
            return new(null, new ServedFault(ToolServerException.Protocol, 0, "The call failed."));
        }
        finally
        {
            Log.Called(_logger, _turn.Id, server.Entry, reading.Outcome, (long)reading.End().TotalMilliseconds);
            _places.Release();
        }
    }

    /// <summary>A call within its time: that a server does not answer well is an outcome.</summary>
    private async Task<ServedOutcome> CallAsync(ServedTool tool, string arguments, CallReading reading)
    {
        using var deadline = new CancellationTokenSource(_options.CallTimeMax, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, deadline.Token);
        try
        {
            var session = await OpenAsync(tool.Server, linked.Token);
            var result = await session.CallAsync(tool.Name, arguments, linked.Token);
            reading.BytesBack = Encoding.UTF8.GetByteCount(result.Text);
            reading.Outcome = result.IsError ? CallReading.Error : CallReading.Completed;
            return result.IsError ? new(null, ServedFault.OfTool(result.Text)) : new(result.Text, null);
        }
        catch (ToolServerException failed)
        {
            return new(null, new ServedFault(failed.Type, failed.Code, failed.Message));
        }
        catch (OperationCanceledException) when (!_ended.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            reading.Outcome = CallReading.TimedOut;
            return new(null, new ServedFault(
                ToolServerException.Http, 0, $"The call was not answered within {DurationText.Of(_options.CallTimeMax)}."));
        }
    }

    /// <summary>The server, spoken with since its first use; one that could not be reached is tried again.</summary>
    private Task<IToolSession> OpenAsync(McpTool server, CancellationToken cancelled)
    {
        var key = (server.Entry, server.Label, server.Param); // a label is the client's: another tool's server may be called so
        lock (_gate)
        {
            if (!_sessions.TryGetValue(key, out var opening) || opening.IsFaulted || opening.IsCanceled)
                _sessions[key] = opening = ConnectAsync(server);
            return opening.WaitAsync(cancelled);
        }
    }

    private async Task<IToolSession> ConnectAsync(McpTool server)
    {
        using var deadline = new CancellationTokenSource(_options.ListTimeMax, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, deadline.Token);
        try
        {
            return await _servers.OpenAsync(_turn.Tenant, server, linked.Token);
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
