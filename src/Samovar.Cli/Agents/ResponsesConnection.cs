using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Samovar.Server.Monitoring.Status;
using Samovar.Server.WebSockets;

namespace Samovar.Cli.Agents;

/// <summary>One WebSocket to any Responses server, as a client holds it: frames up, events down, bytes and times counted.</summary>
internal sealed class ResponsesConnection : IAsyncDisposable
{
    /// <summary>How often a silent server is pinged, and how long it may take to answer; then the connection is lost.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15), PingTimeMax = TimeSpan.FromSeconds(15);

    /// <summary>What it calls itself to servers: <c>samovar-agent/0.1.0</c>, without the commit it was built from.</summary>
    public static readonly string ClientName = "samovar-agent/" + ServerStatus.Version.Split('+')[0];

    private const int EventBytesMax = 64 << 20;
    private readonly ClientWebSocket _socket = new();
    private readonly TimeProvider _time; // of the close
    private readonly ArrayBufferWriter<byte> _received = new(16 << 10);

    private ResponsesConnection(TimeProvider time) => _time = time;

    public bool IsOpen => _socket.State == WebSocketState.Open;

    /// <summary>Whether the server takes over settings from the turn before, so that a continuation needs its input alone.</summary>
    public bool TakesOverSettings => _socket.HttpResponseHeaders?.ContainsKey(SamovarHeaders.Server) == true;

    /// <summary>Whether a turn whose events were lost can be read on another connection.</summary>
    public bool CanResume => _socket.HttpResponseHeaders?.ContainsKey(SamovarHeaders.Resume) == true;

    /// <summary>The newest response that completed on this connection.</summary>
    public string? Newest { get; private set; }

    /// <summary>
    /// Connects to <c>{baseUrl}/responses</c>. Throws <see cref="NoServerException"/> when nobody listens or the upgrade is refused.
    /// </summary>
    public static Task<ResponsesConnection> OpenAsync(Uri baseUrl, string? key, TimeProvider time, CancellationToken userGone) =>
        OpenAsync(baseUrl, key, time, PingInterval, PingTimeMax, userGone);

    /// <inheritdoc cref="OpenAsync(Uri, string, TimeProvider, CancellationToken)"/>
    public static async Task<ResponsesConnection> OpenAsync(
        Uri baseUrl, string? key, TimeProvider time, TimeSpan pingInterval, TimeSpan pingTimeMax, CancellationToken userGone)
    {
        var connection = new ResponsesConnection(time);
        connection._socket.Options.KeepAliveInterval = pingInterval;
        connection._socket.Options.KeepAliveTimeout = pingTimeMax;
        connection._socket.Options.CollectHttpResponseDetails = true;
        connection._socket.Options.SetRequestHeader("User-Agent", ClientName);
        connection._socket.Options.SetRequestHeader(SamovarHeaders.Resume, "true"); // others pass it over
        if (key is not null) connection._socket.Options.SetRequestHeader("Authorization", "Bearer " + key);
        var target = new UriBuilder(baseUrl) { Scheme = baseUrl.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" };
        target.Path = target.Path.TrimEnd('/') + "/responses";
        try
        {
            await connection._socket.ConnectAsync(target.Uri, userGone);
            return connection;
        }
        catch (WebSocketException exception)
        {
            var status = connection._socket.HttpStatusCode;
            await connection.DisposeAsync();
            throw new NoServerException(
                NoServerException.Sentence(baseUrl, status == 0 ? null : status, exception, "--key-env", "--base-url"), exception);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Sends a frame that begins a turn or asks for its events again, and reads them to the terminal one; text and calls go to
    /// <paramref name="screen"/> as they come.
    /// </summary>
    /// <param name="turn">What has come of the turn; it goes on from there.</param>
    /// <exception cref="WebSocketException">The connection is lost, or was silent for too long.</exception>
    public async Task AskAsync(ReadOnlyMemory<byte> frame, TurnProgress turn, ITurnScreen screen, CancellationToken userGone)
    {
        try
        {
            await SendAndReadAsync(frame, turn, screen, userGone);
        }
        catch (OperationCanceledException exception) when (!userGone.IsCancellationRequested) // a ping was not answered
        {
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, exception);
        }
    }

    private async Task SendAndReadAsync(ReadOnlyMemory<byte> frame, TurnProgress turn, ITurnScreen screen, CancellationToken userGone)
    {
        var report = turn.Report;
        report.BytesUp += frame.Length;
        await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, userGone);
        while (true)
        {
            await ReceiveAsync(userGone);
            report.BytesDown += _received.WrittenCount;
            using var json = JsonDocument.Parse(_received.WrittenMemory);
            if (!turn.Note(json.RootElement) || !Take(json.RootElement, report, screen, turn.Elapsed)) continue;
            report.Total = turn.Elapsed;
            Newest = report.Failure is null ? report.ResponseId : null;
            return;
        }
    }

    private static bool Take(JsonElement json, TurnReport report, ITurnScreen screen, TimeSpan elapsed)
    {
        var type = json.GetProperty("type"u8).AnyString() ?? "";
        if (type.EndsWith(".delta", StringComparison.Ordinal)) report.FirstToken ??= elapsed;
        switch (type)
        {
            case "response.output_text.delta": screen.Text(json.GetProperty("delta"u8).AnyString() ?? ""); return false;
            case "response.output_item.done": report.Output.Add(json.GetProperty("item"u8).Clone()); return false;
            case "response.completed" or "response.incomplete" or "response.failed":
                report.Finish(json.GetProperty("response"u8));
                return true;
            case "error": report.Fail(json); return true;
            default: return false;
        }
    }

    private async Task ReceiveAsync(CancellationToken userGone)
    {
        _received.ResetWrittenCount();
        while (true)
        {
            var part = await _socket.ReceiveAsync(_received.GetMemory(4096), userGone);
            if (part.MessageType == WebSocketMessageType.Close) throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
            _received.Advance(part.Count);
            if (_received.WrittenCount > EventBytesMax) throw new WebSocketException(WebSocketError.HeaderError,
                "An event is larger than this client accepts.");
            if (part.EndOfMessage) return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (IsOpen)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time);
            try { await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token); }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException) { /* it was gone already */ }
        }
        _socket.Dispose();
    }
}

/// <summary>Where a turn's words appear while they are made.</summary>
internal interface ITurnScreen
{
    void Text(string delta);
}
