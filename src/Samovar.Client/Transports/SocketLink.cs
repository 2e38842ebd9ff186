using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Samovar.Client.Errors;
using Samovar.Client.Settings;
using Samovar.Protocol.Events;
using Samovar.Protocol.Json;

namespace Samovar.Client.Transports;

/// <summary>One WebSocket: frames up one after the other, one loop that reads events and gives each to its lane.</summary>
internal sealed class SocketLink : IAsyncDisposable
{
    private const string ServerHeader = "x-samovar", ResumeHeader = "x-samovar-resume", GraceHeader = "x-samovar-resume-grace";
    private static readonly byte[] CancelFrame = """{"type":"response.cancel"}"""u8.ToArray();

    private readonly ClientWebSocket _socket = new();
    private readonly ResponsesOptions _options;
    private readonly ProtocolLimits _limits;
    private readonly CancellationTokenSource _ends = new();
    private readonly SocketSends _sends;
    private readonly ArrayBufferWriter<byte> _received = new(16 << 10);
    private Task _reading = Task.CompletedTask;
    private SocketLanes _lanes = new(0, areKnown: false);
    private volatile bool _isLost, _isOld, _isRetired, _isTooLongSaid, _hasSpoken;
    private long _openedAt;
    private int _disposals;

    private SocketLink(ResponsesOptions options)
    {
        _options = options;
        _sends = new SocketSends(_socket, _ends.Token);
        _limits = ProtocolLimits.Peer with { FrameBytesMax = options.EventBytesMax };
    }

    /// <summary>Whether turns may begin on it.</summary>
    public bool IsOpen => IsThere && !_isOld;

    /// <summary>Whether turns that began on it go on, and somebody reads them.</summary>
    public bool IsBusy => IsThere && _lanes.HasReaders;

    private bool IsThere => !_isLost && _socket.State == WebSocketState.Open;

    /// <summary>Whether the server takes settings over from the turn before, so that a continuation needs its input alone.</summary>
    public bool TakesOverSettings => Says(ServerHeader);

    /// <summary>Whether a turn whose events were lost can be read on another socket.</summary>
    public bool CanResume => Says(ResumeHeader);

    /// <summary>Whether any turn's event came over it.</summary>
    public bool HasSpoken => _hasSpoken;

    /// <summary>Leaves it to the turns that are on it where it has its age: a server that resumes nothing would end it in the middle of
    /// one.</summary>
    public void AgeNow()
    {
        if (!CanResume && _options.Time.GetElapsedTime(_openedAt) >= _options.SocketAgeMax) _isOld = true;
    }

    /// <summary>The server takes no names of lanes.</summary>
    public void RefuseNames() => _lanes.RefuseNames();

    /// <summary>Opens one.</summary>
    /// <param name="hasLanes">Whether the server may know lanes.</param>
    /// <exception cref="NoSocketException">The server answers, but not with a WebSocket.</exception>
    /// <exception cref="LinkLostException">There is no way to it now.</exception>
    /// <exception cref="ResponsesException">It refuses this caller.</exception>
    public static async Task<SocketLink> OpenAsync(
        Uri address, ResponsesOptions options, HttpMessageInvoker http, bool hasLanes, CancellationToken caller)
    {
        var link = new SocketLink(options);
        using var late = new CancellationTokenSource(options.ConnectTimeMax, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        using var answer = new UpgradeAnswer(http, options.Time);
        using var asking = new HttpMessageInvoker(answer, disposeHandler: false);
        try
        {
            link.Dress();
            await link._socket.ConnectAsync(address, asking, either.Token);
            link._lanes = new SocketLanes(hasLanes ? options.LanesMax : 0, areKnown: link.TakesOverSettings);
            link._openedAt = options.Time.GetTimestamp();
            link._reading = link.ReadAsync();
            return link;
        }
        catch (Exception failed) when (failed is WebSocketException or OperationCanceledException or HttpRequestException)
        {
            var (status, headers) = (link._socket.HttpStatusCode, link._socket.HttpResponseHeaders);
            await link.DisposeAsync();
            caller.ThrowIfCancellationRequested();
            throw Refusal(address, status, headers, answer.IsPage, failed);
        }
    }

    /// <summary>Takes a lane for one turn.</summary>
    public Task<SocketTurn> TakeAsync(object owner, CancellationToken caller) => _lanes.TakeAsync(
        owner, lane => new SocketTurn(lane, this, CanResume, LeaveAsync, _options), caller);

    /// <summary>Sends a frame whole: the socket would not survive one that is cut off.</summary>
    /// <exception cref="LinkLostException">It may have arrived all the same.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> frame, CancellationToken caller)
    {
        try
        {
            await _sends.SendAsync(frame).WaitAsync(caller);
        }
        catch (Exception failed) when (IsLoss(failed) && !caller.IsCancellationRequested)
        {
            throw new LinkLostException("The connection is lost.", failed);
        }
    }

    /// <summary>Ends the turn of a lane, where the server knows how to.</summary>
    public Task CancelAsync(WireLane lane, CancellationToken caller) => !TakesOverSettings ? Task.CompletedTask
        : SendAsync(lane.Name is null ? CancelFrame : JsonBuffer.Bytes(lane.Name, static (json, name) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "response.cancel"u8);
            json.WriteString("stream_id"u8, name);
            json.WriteEndObject();
        }), caller);

    /// <summary>Ends it without a goodbye; the loop that reads it ends by itself.</summary>
    public void Abort()
    {
        _isLost = true;
        _socket.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposals, 1) != 0) return;
        if (IsThere)
        {
            using var patience = new CancellationTokenSource(_options.CloseTimeMax, _options.Time);
            try
            {
                foreach (var turn in _lanes.Running()) await CancelAsync(turn.Lane, patience.Token);
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
            }
            catch (Exception gone) when (IsLoss(gone) || gone is LinkLostException) { /* it was gone already */ }
        }
        _ends.Cancel();
        await _reading;
        await _sends.DisposeAsync();
        _socket.Dispose();
        _ends.Dispose();
    }

    private bool Says(string header) => _socket.HttpResponseHeaders?.ContainsKey(header) == true;

    private void Dress()
    {
        var dress = _socket.Options;
        dress.CollectHttpResponseDetails = true;
        dress.KeepAliveInterval = _options.PingInterval;
#if NET9_0_OR_GREATER
        dress.KeepAliveTimeout = _options.PingTimeMax;
#endif
        dress.SetRequestHeader("User-Agent", _options.UserAgent);
        dress.SetRequestHeader(ResumeHeader, "true"); // others pass it over
        if (_options.OrphanTime is { } grace)
            dress.SetRequestHeader(GraceHeader, Math.Ceiling(grace.TotalSeconds).ToString("0", CultureInfo.InvariantCulture));
        if (_options.Deflate) dress.DangerousDeflateOptions = new WebSocketDeflateOptions();
        if (_options.ApiKey is { } key) dress.SetRequestHeader("Authorization", "Bearer " + key);
        foreach (var (name, value) in _options.Headers) dress.SetRequestHeader(name, value);
    }

    private async Task ReadAsync()
    {
        Exception cause;
        try
        {
            while (await ReceiveAsync() is { } bytes)
                if (EventReader.TryRead(bytes, _limits, out var e)) await RouteAsync(e);
            if (_socket.CloseStatus == WebSocketCloseStatus.MessageTooBig && !_isTooLongSaid) _lanes.TakeLongest()?.RefuseLength();
            cause = new LinkLostException("The server closed the connection.");
        }
        catch (Exception lost) when (IsLoss(lost) || lost is LinkLostException)
        {
            cause = lost as LinkLostException ?? new LinkLostException("The connection is lost.", lost);
        }
        catch (ResponsesException tooLarge)
        {
            cause = tooLarge;
        }
        _isLost = true;
        _lanes.Lose(cause);
        _socket.Abort();
    }

    /// <summary>The next message; null where the server closes.</summary>
    private async Task<byte[]?> ReceiveAsync()
    {
        _received.ResetWrittenCount();
        while (true)
        {
            var part = await _socket.ReceiveAsync(_received.GetMemory(4096), _ends.Token);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            _received.Advance(part.Count);
            if (_received.WrittenCount > _options.EventBytesMax)
                throw new ResponsesException(ResponsesErrorKind.TooLarge, $"An event has more than {_options.EventBytesMax} bytes.");
            if (part.EndOfMessage) return _received.WrittenSpan.ToArray();
        }
    }

    private async ValueTask RouteAsync(EventView e)
    {
        if (e.Error?.Code == "websocket_connection_limit_reached")
        {
            _isOld = true; // what is running may go on
            _lanes.LoseUnanswered(new LinkLostException("The connection has reached its age.") { TookNothing = true });
            return;
        }
        if (e.Error?.Code == "response_cancel_not_active") return; // it was over already
        var isTooLong = e.Error?.Code == Faults.RequestTooLarge && e.StreamId is null;
        if (isTooLong)
        {
            _isTooLongSaid = true; // it may close behind that: whoever comes now is not meant
            Retire("The server was sent a message on this connection that is too long for it.");
        }
        var named = e.Type.StartsWith("response.steer.", StringComparison.Ordinal)
            ? e.Json.Field("steer"u8).Text("previous_response_id"u8) : null;
        if (((isTooLong ? _lanes.TakeLongest() : null) ?? _lanes.Of(e, named)) is not { } turn) return;
        if (isTooLong) turn.Refusal = Faults.Of(e.Error!); // its frame may be on its way still, and be lost with the connection
        _hasSpoken |= e.Type != "error";
        await turn.TakeAsync(e, _ends.Token);
        if (turn.IsLeft && turn.IsEnded) _lanes.Release(turn);
    }

    /// <summary>A turn that is over gives its lane back at once; one whose reader has left, when the server has ended it.</summary>
    private async ValueTask LeaveAsync(SocketTurn turn)
    {
        if (turn.IsEnded || !turn.IsBegun || _isLost) _lanes.Release(turn);
        else if (turn.IsSilent && CanResume)
        {
            Abort(); // its turns are read on over the next one: to cancel here would end one that works
            _lanes.Release(turn);
        }
        else if (!TakesOverSettings) Retire("A turn was left on this connection.");
        else
        {
            await SayLeftAsync(turn);
            if (turn.IsEnded) _lanes.Release(turn); // meanwhile
        }
        if (_isRetired && !IsBusy) Abort();
    }

    /// <summary>Ends the turn at the server. Whoever leaves waits for somebody's long frame no longer than for a goodbye: the cancel then
    /// goes behind it.</summary>
    private async Task SayLeftAsync(SocketTurn turn)
    {
        using var patience = new CancellationTokenSource(_options.CloseTimeMax, _options.Time);
        try { await CancelAsync(turn.Lane, patience.Token); }
        catch (LinkLostException) { _lanes.Release(turn); }
        catch (OperationCanceledException) { /* it is lost with the link, or sent */ }
    }

    /// <summary>Leaves it to the turns that are on it, and closes it behind the last of them. A server that knows no frame for it ends a
    /// turn that nobody wants when its connection is gone; until then it would hold its lane.</summary>
    private void Retire(string reason)
    {
        (_isOld, _isRetired) = (true, true);
        _lanes.Retire(new LinkLostException(reason));
    }

    private static bool IsLoss(Exception e) =>
        e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException;

    private static Exception Refusal(
        Uri address, HttpStatusCode status, IReadOnlyDictionary<string, IEnumerable<string>>? headers, bool isPage, Exception cause) =>
        (int)status switch
    {
        0 or 101 => new LinkLostException(
            $"There is no connection to {address}: {cause.GetBaseException().Message}", cause, wasNeverSent: true),
        407 => new ResponsesException( // never the server's
            ResponsesErrorKind.Authentication, $"A proxy on the way to {address} wants a key of its own (407).", cause) { Status = 407 },
        < 400 or (401 or 403 or 451) when (int)status < 400 || isPage => new LinkLostException( // what stands before the server
            $"{address} answers {(int)status} where a WebSocket was asked for.", cause, wasNeverSent: true) { Status = (int)status },
        401 or 403 => new ResponsesException(
            ResponsesErrorKind.Authentication, $"{address} refuses this key or this caller ({(int)status}).", cause)
            { Status = (int)status },
        429 => new ResponsesException(ResponsesErrorKind.RateLimited, $"{address} has no room ({(int)status}).", cause)
            { Status = (int)status, RetryAfter = WaitOf(headers) },
        408 or >= 500 and not 501 => new LinkLostException( // as often from what stands before the server as from itself
            $"{address} has no room or is not ready ({(int)status}).", cause, wasNeverSent: true)
            { Status = (int)status, RetryAfter = WaitOf(headers) },
        _ => new NoSocketException((int)status, $"{address} answers {(int)status} where a WebSocket was asked for.", cause)
            { RetryAfter = WaitOf(headers) },
    };

    private static TimeSpan? WaitOf(IReadOnlyDictionary<string, IEnumerable<string>>? headers) =>
        headers?.TryGetValue("Retry-After", out var said) == true && int.TryParse(said.FirstOrDefault(), out var seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(seconds) : null;
}
