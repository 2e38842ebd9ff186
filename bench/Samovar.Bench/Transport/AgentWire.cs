using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Samovar.Bench.Clients;

namespace Samovar.Bench.Transport;

/// <summary>What a session speaks over: a connection of its own, or a lane of a WebSocket that others speak over, too.</summary>
internal sealed class AgentWire(TransportKind kind, Uri server, X509Certificate2? trusted, SharedSocket? shared) : IAsyncDisposable
{
    private readonly WireCounts _counts = new();
    private HttpMessageInvoker? _http;
    private TurnClient? _client;
    private SharedSocket.Lane? _lane;
    private Task<SocketClient>? _opening;

    /// <summary>Whether answers can be read on over another connection.</summary>
    public bool CanResume { get; init; }

    /// <summary>The lane's name; null is the default lane, or a connection that has no lanes.</summary>
    public string? Lane => _lane?.Name;

    /// <summary>What went over it so far.</summary>
    public WireAmounts Counts => (_lane?.Counts ?? _counts).Read();

    /// <summary>Opens what is opened before a first turn; a connection that HTTP opens within its turn stays for that.</summary>
    public async Task OpenAsync(CancellationToken late)
    {
        if (_client is not null) return;
        if (kind.IsSocket && shared is not null && await shared.LaneAsync(late) is { } lane)
        {
            (_client, _lane) = (lane, lane);
            return;
        }
        _http ??= CountedSockets.Open(_counts, trusted);
        if (kind.PostsFirst) _opening = SocketClient.OpenAsync(server, _http, kind.Deflates, CanResume, late);
        _client = kind.IsSocket && !kind.PostsFirst ? await SocketClient.OpenAsync(server, _http, kind.Deflates, CanResume, late)
            : new PostClient(server, streams: true, http: _http);
    }

    /// <summary>Opens the connection itself, whatever it is, and asks for nothing that a turn asks for.</summary>
    public async Task WarmAsync(CancellationToken late)
    {
        await OpenAsync(late);
        if (kind.IsSocket) return;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, "/health"));
        using var response = await _http!.SendAsync(request, late);
        await response.Content.CopyToAsync(Stream.Null, late);
    }

    public async Task<TurnFigures> AskAsync(TurnAsk ask, CancellationToken late)
    {
        if (_opening is { } opening && ask.Previous is not null)
        {
            _opening = null;
            _client = await opening; // the one that posted holds nothing: its connections are shared
        }
        return await _client!.TurnAsync(_lane?.Name is { } lane ? ask with { Lane = lane } : ask, late);
    }

    /// <summary>Posts all of a conversation, in a protocol that knows nothing else.</summary>
    /// <param name="seen">Sees each event as it comes; null: nobody does.</param>
    public Task<TransportAnswer> PostAsync(
        string path, byte[] body, StreamedAnswer answer, Action<ReadOnlyMemory<byte>>? seen, CancellationToken late) =>
        new WholeWire(_http!, new Uri(server, path)).TurnAsync(body, answer, seen, late);

    /// <summary>Throws the connection away; the next turn opens another.</summary>
    public async ValueTask DisconnectAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        if (_opening is not null) await EndAsync(_opening);
        _http?.Dispose();
        (_client, _http, _lane, _opening) = (null, null, null, null);
    }

    private static async Task EndAsync(Task<SocketClient> opening)
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // it never opened, and nobody needed it
        }
    }

    public ValueTask DisposeAsync() => DisconnectAsync();
}
