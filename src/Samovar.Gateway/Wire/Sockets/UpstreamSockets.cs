using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Samovar.Chains;
using Samovar.Client.Transports;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire.Http;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Wire.Sockets;

/// <summary>
/// The sockets to one destination: one for each live chain, idle between its turns, bounded in number and age. A socket is left at an idle
/// moment before the upstream would end it in the middle of a turn.
/// </summary>
internal sealed partial class UpstreamSockets : ISocketHome, IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<UpstreamSocket> _idle = []; // the longest idle first
    private readonly FlowHoldings _idleBy = new();
    private readonly Dictionary<(TenantId Tenant, string Model), LinkedList<UpstreamSocket>> _free = []; // idle without a chain
    private readonly UpstreamHttp _http;
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly ILogger _logger;
    private readonly ITimer _sweep;
    private bool _isClosed;

    /// <param name="lifetime">The age at which a socket is left.</param>
    public UpstreamSockets(UpstreamHttp http, UpstreamOptions options, TimeSpan lifetime, TimeProvider time, ILogger logger)
    {
        (_http, _options, _lifetime, _time, _logger) = (http, options, lifetime, time, logger);
        var every = options.IdleSocketLifetime / 4;
        _sweep = time.CreateTimer(_ => Sweep(), null, every, every);
    }

    public int IdleCount { get { lock (_lock) return _idle.Count; } }

    /// <summary>The socket that holds the parent, if it is fit and nobody uses it; it is the caller's then.</summary>
    public UpstreamSocket? Claim(UpstreamState parent)
    {
        UpstreamSocket? old;
        lock (_lock)
        {
            if (parent is not { Socket: UpstreamSocket { IsIdle: true } socket, ResponseId: { } id }) return null;
            if (!socket.IsOf(this) || !socket.Holds(id)) return null;
            if (!IsOld(socket)) return Take(socket);
            old = TakeOld(socket);
        }
        old.Dispose();
        return null;
    }

    /// <summary>A socket of the tenant without a chain, or a new one.</summary>
    public async Task<UpstreamSocket> RentAsync(UpstreamCall call, CancellationToken attemptEnded)
    {
        return TakeFree(call.Turn.Tenant, call.Model) ?? await ConnectAsync(call, attemptEnded);
    }

    private UpstreamSocket? TakeFree(TenantId tenant, string model)
    {
        lock (_lock)
        {
            for (var node = _free.GetValueOrDefault((tenant, model))?.Last; node is not null; node = node.Previous)
                if (node.Value is { IsFit: true } socket && !IsOld(socket)) return Take(socket);
        }
        return null;
    }

    /// <summary>A turn has ended well: the socket waits for the chain's next one.</summary>
    /// <param name="flow">Whose turn it was: where there are too many, the flow that keeps most loses the one that is idle longest.</param>
    public void Return(UpstreamSocket socket, UpstreamState? owner, FlowId flow = default)
    {
        socket.WatchIdle();
        UpstreamSocket? tooMany = null;
        lock (_lock)
        {
            (socket.Owner, socket.NewestResponse, socket.IdleSince, socket.IsIdle) = (owner, owner?.ResponseId, _time.GetUtcNow(), true);
            socket.Flow = flow;
            _idle.AddLast(socket.Place);
            _idleBy.Add(flow, 1);
            if (owner is null) Free(socket);
            if (_isClosed) tooMany = Take(socket);
            else if (_idle.Count > _options.IdleSocketsMax) tooMany = Take(LongestIdleOf(_idleBy.LargestToSmallest.First()));
        }
        tooMany?.Dispose();
    }

    /// <summary>The chain is gone: its socket may serve another of the tenant.</summary>
    public void LetGo(UpstreamSocket socket, BackendState owner)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(socket.Owner, owner)) return;
            (socket.Owner, socket.NewestResponse) = (null, null);
            if (!socket.IsIdle) return;
            if (!socket.AwaitsSuccessor)
            {
                Free(socket);
                return;
            }
            Take(socket);
        }
        Close(socket); // what comes on it is nobody's
    }

    public void Dispose()
    {
        _sweep.Dispose();
        List<UpstreamSocket> all;
        lock (_lock)
        {
            _isClosed = true; // what comes back from its turn is not kept
            all = [.. _idle];
            foreach (var socket in all) Take(socket);
        }
        foreach (var socket in all) Close(socket);
    }

    private void Close(UpstreamSocket socket)
    {
        try { socket.Dispose(); }
        catch (Exception exception) // the socket: on a timer's thread it would end the process
        {
            GuardedLog.Write(() => Log.CloseBroke(_logger, exception));
        }
    }

    private UpstreamSocket LongestIdleOf(FlowId flow) => _idle.First(socket => socket.Flow == flow);

    private UpstreamSocket Take(UpstreamSocket socket)
    {
        if (socket.Place.List is not null)
        {
            _idle.Remove(socket.Place);
            _idleBy.Add(socket.Flow, -1);
        }
        if (socket.FreePlace.List is { } free)
        {
            free.Remove(socket.FreePlace);
            if (free.Count == 0) _free.Remove((socket.Tenant, socket.Model));
        }
        socket.IsIdle = false;
        return socket;
    }

    private void Free(UpstreamSocket socket)
    {
        if (!_free.TryGetValue((socket.Tenant, socket.Model), out var free)) _free[(socket.Tenant, socket.Model)] = free = [];
        free.AddLast(socket.FreePlace);
    }

    private UpstreamSocket TakeOld(UpstreamSocket socket)
    {
        socket.IsRotated = true;
        return Take(socket);
    }

    private bool IsOld(UpstreamSocket socket) => _time.GetUtcNow() - socket.OpenedAt >= _lifetime;

    private void Sweep()
    {
        List<UpstreamSocket> gone;
        lock (_lock)
        {
            var oldest = _time.GetUtcNow() - _options.IdleSocketLifetime;
            gone = _idle.Where(socket => socket.IdleSince <= oldest || !socket.IsFit || IsOld(socket)).ToList();
            foreach (var socket in gone) _ = IsOld(socket) ? TakeOld(socket) : Take(socket);
        }
        foreach (var socket in gone) Close(socket);
    }

    private async Task<UpstreamSocket> ConnectAsync(UpstreamCall call, CancellationToken attemptEnded)
    {
        var destination = call.Destination;
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(30);
        // No timeout for a pong: while a turn's reader is behind nobody reads, and the socket would be taken for dead. TCP asks instead.
        socket.Options.CollectHttpResponseDetails = true;
        if (destination.Options.Deflate) socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        call.Authorize(socket.Options.SetRequestHeader);
        call.Trace?.Write(socket.Options.SetRequestHeader); // of the turn that opens it: a frame has no headers
        if (destination.Dialect.ConversationHeader is { } header) socket.Options.SetRequestHeader(header, call.Conversation);
        using var deadline = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(attemptEnded, deadline.Token);
        using var answer = new UpgradeAnswer(_http.Client, _time);
        using var asking = new HttpMessageInvoker(answer, disposeHandler: false);
        try
        {
            await socket.ConnectAsync(Address(destination), asking, either.Token);
            destination.State.Way.Stands();
            return new UpstreamSocket(socket, this, call.Model, _time.GetUtcNow())
            {
                Tenant = call.Turn.Tenant,
                TakesBareFrames = socket.HttpResponseHeaders?.Keys.Contains(SamovarHeader, StringComparer.OrdinalIgnoreCase) == true,
            };
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or OperationCanceledException
            && !attemptEnded.IsCancellationRequested)
        {
            var fault = Fault((int)socket.HttpStatusCode, destination, answer.IsPage);
            if (socket.HttpResponseHeaders is { } headers) fault = fault with { RetryAfter = RetryAfterOf(headers) };
            socket.Dispose();
            throw new UpstreamException(fault, exception);
        }
    }

    private TimeSpan? RetryAfterOf(IReadOnlyDictionary<string, IEnumerable<string>> headers) => RetryAfter.Of(
        name => headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { } values
            ? string.Join(',', values) : null,
        _time.GetUtcNow());

    private static UpstreamFault Fault(int status, Destination destination, bool isPage) => status switch
    {
        0 => new UpstreamFault(FaultKind.Connect, "No connection came about."),
        429 => new UpstreamFault(FaultKind.RateLimited, "It takes no more connections.", Status: 429),
        404 or 405 or 426 or 501 => new UpstreamFault(FaultKind.Connect, "It offers no WebSocket.", WebSocketRefused, status),
        _ => new UpstreamFault(KindOf(status, destination, isPage), $"It refused the upgrade with {status}.", Status: status)
            { IsPage = isPage },
    };

    /// <summary>An upgrade has nothing of a client's but its key, where that goes on: else no refusal is about the request.</summary>
    private static FaultKind KindOf(int status, Destination destination, bool isPage)
    {
        var kind = FaultReader.OfStatus(status, isExplained: false, isAboutRequest: false);
        return kind == FaultKind.Refused && (isPage || !destination.IsOfCallers) ? FaultKind.Server : kind;
    }

    /// <summary>On the answer to an upgrade: a Samovar, which takes bare frames.</summary>
    private const string SamovarHeader = "x-samovar";

    /// <summary>The code of a fault that HTTP would not have.</summary>
    public const string WebSocketRefused = "websocket_refused";

    private static Uri Address(Destination destination)
    {
        var http = destination.UriOf("responses");
        return new UriBuilder(http) { Scheme = http.Scheme == "https" ? "wss" : "ws" }.Uri;
    }

    private static partial class Log
    {
        [LoggerMessage(6102, LogLevel.Error, "A socket that was not used any more could not be closed")]
        public static partial void CloseBroke(ILogger logger, Exception exception);
    }
}
