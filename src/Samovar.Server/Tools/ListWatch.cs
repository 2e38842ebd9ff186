#pragma warning disable RS0030 // the library speaks JsonNode
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Samovar.Server.Tools;

/// <summary>Hears that a server's list of tools has changed, where the server says such things.</summary>
/// <remarks>
/// Servers say it in the answer to anything, and on a stream for such news: one that is asked for (<c>subscriptions/listen</c>), from
/// servers of the older protocol a GET. The stream has the bound of every answer, and is not opened again when it ends: lists are then
/// known for as long as they may be known without.
/// </remarks>
internal sealed class ListWatch(McpClient client, HttpClient http, Uri address, IReadOnlyDictionary<string, string> headers)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private IAsyncDisposable? _changes, _granted;
    private Task _listening = Task.CompletedTask;
    private volatile bool _isOn;

    /// <summary>Whether the server would say so now.</summary>
    public bool IsOn => _isOn;

    /// <summary>Begins to listen.</summary>
    /// <param name="changed">What is done when the list has changed; must not throw.</param>
    public void Begin(Action changed)
    {
        _changes = client.RegisterNotificationHandler(NotificationMethods.ToolListChangedNotification, (_, _) =>
        {
            changed();
            return ValueTask.CompletedTask;
        });
        if (client.ServerCapabilities.Tools?.ListChanged != true) return;
        _granted = client.RegisterNotificationHandler(NotificationMethods.SubscriptionsAcknowledgedNotification, (_, _) =>
        {
            _isOn = true;
            return ValueTask.CompletedTask;
        });
        _listening = ListenAsync(changed);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _listening;
        if (_changes is not null) await _changes.DisposeAsync();
        if (_granted is not null) await _granted.DisposeAsync();
        _ended.Dispose();
    }

    private async Task ListenAsync(Action changed)
    {
        await Task.Yield(); // whoever opened the session has more to do
        try
        {
            if (ProtocolVersions.AreWithoutSessions(client)) await SubscribeAsync();
            else await ReadNewsAsync(changed);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException or McpException
            or JsonException or InvalidOperationException)
        {
            // no news from here on
        }
        _isOn = false;
        changed(); // what was known was known by the news
    }

    private Task<JsonRpcResponse> SubscribeAsync()
    {
        var wish = new SubscriptionsListenRequestParams { Notifications = new() { ToolsListChanged = true } };
        return client.SendRequestAsync(new JsonRpcRequest
        {
            Method = RequestMethods.SubscriptionsListen, Params = JsonSerializer.SerializeToNode(wish, McpJsonUtilities.DefaultOptions),
        }, _ended.Token);
    }

    private async Task ReadNewsAsync(Action changed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (client.SessionId is { } session) request.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
        request.Headers.TryAddWithoutValidation("Mcp-Protocol-Version", client.NegotiatedProtocolVersion);
        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _ended.Token);
        if (!reply.IsSuccessStatusCode || reply.Content.Headers.ContentType?.MediaType != "text/event-stream") return;
        _isOn = true;
        var stream = await reply.Content.ReadAsStreamAsync(_ended.Token);
        await foreach (var e in SseParser.Create(stream).EnumerateAsync(_ended.Token))
            if (e.Data.Contains(NotificationMethods.ToolListChangedNotification, StringComparison.Ordinal)) changed();
    }
}
