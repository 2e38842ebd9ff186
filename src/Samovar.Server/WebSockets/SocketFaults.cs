using System.Net.WebSockets;

namespace Samovar.Server.WebSockets;

/// <summary>What a socket throws when the other side is gone, too slow, or was cut.</summary>
internal static class SocketFaults
{
    public static bool IsGone(Exception exception) => exception
        is WebSocketException or TimeoutException or OperationCanceledException or IOException or ObjectDisposedException
        or InvalidOperationException { Source: "System.Net.WebSockets" };
}
