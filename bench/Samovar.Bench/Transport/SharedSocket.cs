using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Samovar.Bench.Clients;

namespace Samovar.Bench.Transport;

/// <summary>
/// One WebSocket that several sessions speak over, a lane each. It opens with its first lane. What went over it is counted for the lane
/// whose frame it was: exactly on the way up, where one frame is sent after the other; on the way down, as they were read off the socket.
/// </summary>
internal sealed class SharedSocket(TransportKind kind, Uri server, X509Certificate2? trusted) : IAsyncDisposable
{
    private const int LanesMax = 32; // that a connection may name in its life
    private const int FrameBytesStart = 16 << 10;
    private readonly WireCounts _counts = new();
    private readonly ConcurrentDictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _opening = new(1), _sending = new(1);
    private readonly CancellationTokenSource _ending = new();
    private HttpMessageInvoker? _http;
    private ClientWebSocket? _socket;
    private Task _reading = Task.CompletedTask;
    private WireAmounts _taken;

    /// <summary>One more lane: the default one first. Null: the connection has no room for more, a session opens its own.</summary>
    public async Task<Lane?> LaneAsync(CancellationToken late)
    {
        await _opening.WaitAsync(late);
        try
        {
            if (_lanes.Count > LanesMax) return null;
            var isFirst = _socket is null;
            if (isFirst) await OpenAsync(late);
            var lane = new Lane(this, isFirst ? null : $"agent-{_lanes.Count}");
            if (isFirst) lane.Counts.Add(Take()); // it opened the connection
            return _lanes[lane.Name ?? ""] = lane;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task OpenAsync(CancellationToken late)
    {
        _http = CountedSockets.Open(_counts, trusted);
        _socket = await SocketClient.ConnectAsync(server, _http, kind.Deflates, late);
        _reading = ReadAsync(_socket);
    }

    private WireAmounts Take()
    {
        lock (_counts)
        {
            var now = _counts.Read();
            var taken = now - _taken;
            _taken = now;
            return taken;
        }
    }

    private async Task SendAsync(Lane lane, byte[] frame, CancellationToken late)
    {
        await _sending.WaitAsync(late);
        try
        {
            var before = _counts.Read();
            await _socket!.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, late);
            var sent = (_counts.Read() - before) with { Down = 0, PlainDown = 0 };
            lock (_counts) _taken += sent;
            lane.Counts.Add(sent);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[FrameBytesStart];
        var why = "the connection was closed";
        try
        {
            while (true)
            {
                (buffer, var length) = await SocketClient.ReceiveAsync(socket, buffer, _ending.Token);
                var frame = buffer.AsMemory(0, length);
                if (!_lanes.TryGetValue(LaneOf(frame.Span) ?? "", out var lane)) continue;
                lane.Counts.Add(TakeDown());
                lane.Take(frame);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or JsonException)
        {
            why = exception.Message;
        }
        foreach (var lane in _lanes.Values) lane.Fail(why);
    }

    private WireAmounts TakeDown()
    {
        lock (_counts)
        {
            var (now, taken) = (_counts.Read(), _taken);
            _taken = _taken with { Down = now.Down, PlainDown = now.PlainDown };
            return new WireAmounts(0, now.Down - taken.Down, 0, now.PlainDown - taken.PlainDown, 0);
        }
    }

    private static string? LaneOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isLane = reader.ValueTextEquals("stream_id"u8);
            reader.Read();
            if (isLane) return reader.GetString();
            reader.Skip();
        }
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        _ending.Cancel();
        _socket?.Abort();
        await _reading;
        _socket?.Dispose();
        _http?.Dispose();
        _ending.Dispose();
        _opening.Dispose();
        _sending.Dispose();
    }

    /// <summary>A lane of it, for one session.</summary>
    internal sealed class Lane(SharedSocket socket, string? name) : TurnClient
    {
        private readonly Lock _lock = new();
        private TurnFigures? _figures;
        private TaskCompletionSource _ended = new();
        private string? _broken;

        /// <summary>Null is the default lane.</summary>
        public string? Name { get; } = name;

        public WireCounts Counts { get; } = new();

        public override async Task<TurnFigures> TurnAsync(TurnAsk ask, CancellationToken late = default)
        {
            var frame = ask.Frame();
            var figures = new TurnFigures(frame.Length);
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                (_figures, _ended) = (figures, ended);
                if (_broken is not null) Fail(_broken);
            }
            try
            {
                await socket.SendAsync(this, frame, late);
                await ended.Task.WaitAsync(late);
            }
            catch (WebSocketException exception)
            {
                Fail(exception.Message);
            }
            return figures;
        }

        public void Take(ReadOnlyMemory<byte> frame)
        {
            lock (_lock)
                if (_figures?.Take(frame) == true) End();
        }

        public void Fail(string why)
        {
            lock (_lock)
            {
                _broken = why;
                _figures?.Fail(why);
                End();
            }
        }

        private void End()
        {
            _figures = null;
            _ended.TrySetResult();
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask; // the connection is not its own
    }
}
