using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;
using Samovar.Server.Draining;
using Samovar.Server.Preferences;
using Samovar.Sessions;

namespace Samovar.Server.WebSockets;

/// <summary><c>GET …/responses</c> with an upgrade: opens a session for the socket's life.</summary>
internal sealed class SocketEndpoint(
    KeyRing keys, SessionTable sessions, OpenSockets open, ServerLife life, SocketClock clock,
    SocketOptions options, ILogger<SocketConnection> logger)
{
    // sockets that keep their compression window between messages: it saves most, and costs about 240 KB a connection
    private readonly SharedPlaces _windows = new(options.TakeoverConnectionsMax);
    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.MessageBytesMax }).ForRequests();

    public Task HandleAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest) throw new ApiException(Errors.UpgradeRequired);
        var caller = keys.Require(http.Request);
        if (life.IsDraining) throw new ApiException(Errors.ServerStopping);
        var hints = SessionHints.Read(name => http.Request.Headers[name]);
        var intake = new FrameIntake(keys, Caller.PresentedKey(http.Request), caller.Tenant, hints, _limits, logger)
        {
            Begun = begun => sessions.Expect(caller.Tenant, begun),
        };
        var session = sessions.Open(caller.Tenant, EventPreferences.Read(http.Request), intake.IsWelcome, keys.FlowOf(http, caller),
            EventPreferences.CanResume(http.Request), ClientName.Of(http.Request), EventPreferences.Grace(http.Request));
        return ServeAsync(http, session, intake);
    }

    private async Task ServeAsync(HttpContext http, Session session, FrameIntake intake)
    {
        await using var owned = session;
        var offer = options.Compression ? DeflateOffer.First(http.Request.Headers.SecWebSocketExtensions) : null;
        var keepsWindow = offer is { KeepsWindow: true } && _windows.TryTake(session.Flow);
        // The framework passes over what it does not know.
        http.Request.Headers.SecWebSocketExtensions = keepsWindow ? offer!.Text : offer?.WithoutWindow;
        try
        {
            http.Response.Headers[SamovarHeaders.Server] = "1";
            if (session.CanResume) http.Response.Headers[SamovarHeaders.Resume] = "true";
            using var socket = await http.WebSockets.AcceptWebSocketAsync(Terms(keepsWindow));
            http.Request.Headers.Clear(); // nobody asks again, and sockets live long
            var frames = ((WatchedUpgrade)http.Features.Get<IHttpUpgradeFeature>()!).Frames!;
            await new SocketConnection(socket, frames, session, intake, clock, options, logger).RunAsync(open);
        }
        finally
        {
            if (keepsWindow) _windows.GiveBack(session.Flow);
        }
    }

    /// <remarks>Compression is called dangerous because sizes may reveal secrets next to chosen text; here secrets travel in
    /// headers only.</remarks>
    private WebSocketAcceptContext Terms(bool keepsWindow) => new()
    {
        DangerousEnableCompression = options.Compression,
        DisableServerContextTakeover = !keepsWindow,
        KeepAliveInterval = options.PingInterval,
        KeepAliveTimeout = options.PingTimeMax,
    };
}
