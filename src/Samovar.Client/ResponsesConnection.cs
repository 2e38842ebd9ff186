using System.Runtime.CompilerServices;
using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.History;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Client.Transports;
using Samovar.Client.Turns;
using Samovar.Protocol.Responses;

namespace Samovar.Client;

/// <summary>
/// A client's side of one Responses server: one WebSocket for all its conversations, HTTP where there is none. Turns send what is new; a
/// turn whose link is lost is read on over the next one.
/// </summary>
public sealed class ResponsesConnection : IAsyncDisposable
{
    private readonly ResponsesOptions _options;
    private readonly TurnPlaces _places;

    /// <summary>A connection that is opened when it is needed.</summary>
    /// <param name="baseUrl">Such as <c>http://127.0.0.1:8787/v1</c>. Nothing is opened before the first turn.</param>
    public ResponsesConnection(Uri baseUrl, ResponsesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        if (baseUrl.Scheme is not ("http" or "https"))
            throw new ArgumentException($"'{baseUrl}' is no http or https address.", nameof(baseUrl));
        _options = options ?? new ResponsesOptions();
        _options.Check();
        _places = new TurnPlaces(new Links(baseUrl, _options), _options);
        BaseUrl = baseUrl;
    }

    public Uri BaseUrl { get; }

    /// <summary>Whether a WebSocket is open.</summary>
    public bool IsOpen => Links.Open is not null;

    /// <summary>Whether the server turned out to have no WebSocket, so that turns go over HTTP.</summary>
    public bool IsPlainHttp => Links.HasNoSocket;

    /// <summary>WebSockets that were opened: one, and one more for each that was lost.</summary>
    public int SocketsOpened => Links.Opened;

    private Links Links => _places.Links;

    /// <summary>Opens the WebSocket now, or finds that there is none.</summary>
    /// <exception cref="ResponsesException">The server cannot be reached, or refuses this caller.</exception>
    public Task OpenAsync(CancellationToken caller = default) => Links.SocketNowAsync(caller);

    /// <summary>A new conversation.</summary>
    public ResponsesLane Start() => new(_places, null);

    /// <summary>A conversation that goes on from a response, however old; others from the same one are its forks.</summary>
    public ResponsesLane Continue(ResponseResult from)
    {
        ArgumentNullException.ThrowIfNull(from);
        return new ResponsesLane(_places, from.Node);
    }

    /// <summary>The same from a response of which only the name is known: if the server forgets it, nobody has it.</summary>
    public ResponsesLane Continue(string responseId)
    {
        ArgumentException.ThrowIfNullOrEmpty(responseId);
        return new ResponsesLane(_places, ChainNode.OfId(responseId));
    }

    /// <summary>The events of a response that was begun before, from behind a number to its end, over as many links as it takes.</summary>
    public async IAsyncEnumerable<TurnEvent> FollowAsync(
        string responseId, long startingAfter = -1, [EnumeratorCancellation] CancellationToken caller = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(responseId);
        using var place = await _places.TakeAsync(caller);
        var ask = new TurnAsk(new ResponseRequest(), new object(), null, []) { Follows = (responseId, startingAfter) };
        await using var run = _places.Begin(ask, place);
        while (await run.NextAsync() is { } e) yield return e;
    }

    /// <summary>The response as it stands; null where there is none.</summary>
    public Task<ResponseView?> GetAsync(string responseId, CancellationToken caller = default) =>
        HttpAsync(http => http.GetAsync(responseId, caller));

    /// <summary>Ends a response that runs in the background.</summary>
    public Task<ResponseView> CancelAsync(string responseId, CancellationToken caller = default) =>
        HttpAsync(http => http.CancelAsync(responseId, caller));

    public Task DeleteAsync(string responseId, CancellationToken caller = default) => HttpAsync(async http =>
    {
        await http.DeleteAsync(responseId, caller);
        return true;
    });

    /// <summary>Ends what runs, and says goodbye.</summary>
    public ValueTask DisposeAsync() => _places.DisposeAsync();

    /// <summary>Ends everything at once.</summary>
    internal void Abort() => _places.Abort();

    private Task<T> HttpAsync<T>(Func<HttpLink, Task<T>> ask) => Links.HttpAsync(ask);
}
