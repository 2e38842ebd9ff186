using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Samovar.Server.WebSockets;

/// <summary>Puts <see cref="ClientFrames"/> between a connection and the WebSocket that it becomes.</summary>
internal sealed class WatchedUpgrade(IHttpUpgradeFeature upgrade, SocketOptions options) : IHttpUpgradeFeature
{
    /// <summary>The connection; null before the upgrade.</summary>
    public ClientFrames? Frames { get; private set; }

    public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => Frames = new ClientFrames(await upgrade.UpgradeAsync(), options.MessageBytesMax);

    /// <summary>To be called for each request before the WebSocket's own middleware looks at it.</summary>
    public static void Watch(HttpContext http, SocketOptions options)
    {
        if (http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
            http.Features.Set<IHttpUpgradeFeature>(new WatchedUpgrade(upgrade, options));
    }
}
