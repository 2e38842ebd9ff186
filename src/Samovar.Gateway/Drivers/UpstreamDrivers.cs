using Microsoft.Extensions.Logging;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Chat;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Wire.Http;
using Samovar.Gateway.Wire.Links;
using Samovar.Gateway.Wire.Sockets;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Budgets;

namespace Samovar.Gateway.Drivers;

/// <summary>One driver for each protocol, and the connections they share.</summary>
internal sealed class UpstreamDrivers : IDisposable
{
    private readonly UpstreamHttp _http;
    private readonly ResponsesWsDriver _responsesWs;
    private readonly ResponsesHttpDriver _responsesHttp;
    private readonly UpstreamLinks _links;
    private readonly ResponsesLinkDriver _responsesLink;
    private readonly ChatDriver _chat;
    private readonly MessagesDriver _messages;
    private readonly InputCounter _responsesCounter, _messagesCounter;

    /// <param name="events">What upstreams' events are counted in; null: nowhere.</param>
    /// <param name="requestBytesMax">Bytes of one request on a link: more than any turn that is let in has.</param>
    public UpstreamDrivers(
        UpstreamOptions options, TimeProvider time, IdSource ids, ILogger<UpstreamDrivers> logger, FlowShare? events = null,
        int requestBytesMax = 64 << 20)
    {
        Events = events;
        _http = new UpstreamHttp(options);
        _responsesWs = new ResponsesWsDriver(_http, new SocketPools(_http, options, time, logger), options, time, ids);
        _responsesHttp = new ResponsesHttpDriver(_http, options, ids);
        _links = new UpstreamLinks(options, requestBytesMax, Wire, ids);
        _responsesLink = new ResponsesLinkDriver(_links, options, ids);
        _chat = new ChatDriver(_http);
        _messages = new MessagesDriver(_http, ids);
        _responsesCounter = new InputCounter(_http, "responses/input_tokens", ResponsesBody.ForCount);
        _messagesCounter = new InputCounter(_http, "messages/count_tokens", MessagesBody.ForCount);
    }

    /// <summary>Sockets that wait for their chains.</summary>
    public int IdleSockets => _responsesWs.IdleSockets;

    /// <summary>Links that are kept, whether turns run on them or not.</summary>
    public int Links => _links.Count;

    public UpstreamHttp Http => _http;

    /// <summary>What links carried.</summary>
    public WireMeter Wire { get; } = new();

    /// <summary>What the events of all destinations are counted in, each destination a flow.</summary>
    public FlowShare? Events { get; }

    /// <summary>What asks such a destination how long an input is; null where its protocol has no such question.</summary>
    public IUpstreamDriver? CounterOf(DestinationKind kind) => kind switch
    {
        DestinationKind.Messages => _messagesCounter,
        _ => kind.SpeaksResponses() ? _responsesCounter : null,
    };

    public IUpstreamDriver For(DestinationKind kind) => kind switch
    {
        DestinationKind.ResponsesWs => _responsesWs,
        DestinationKind.ResponsesHttp => _responsesHttp,
        DestinationKind.ResponsesLink => _responsesLink,
        DestinationKind.Chat => _chat,
        _ => _messages,
    };

    /// <summary>Lets go of what is open to destinations that the configuration no longer has; running turns end as they began.</summary>
    public void KeepOnly(IEnumerable<Destination> destinations)
    {
        var origins = destinations.Select(destination => destination.Origin).ToHashSet(StringComparer.Ordinal);
        _responsesWs.KeepOnly(origins);
        _links.KeepOnly(origins);
    }

    public void Dispose()
    {
        _responsesWs.Dispose();
        _links.Dispose();
        _http.Dispose();
    }
}
