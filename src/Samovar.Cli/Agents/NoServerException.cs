using System.Net;
using System.Net.Sockets;
using Samovar.Engine;

namespace Samovar.Cli.Agents;

/// <summary>The server cannot be spoken with; the message is a sentence for the person who typed the command.</summary>
internal sealed class NoServerException(string message, Exception cause) : Exception(message, cause)
{
    /// <summary>Says why, from whatever the connection failed with.</summary>
    /// <param name="status">The status that the server answered with; null where it did not answer.</param>
    /// <param name="keyFlag">The flag that names a key.</param>
    /// <param name="urlFlag">The flag that names the server.</param>
    public static string Sentence(Uri url, HttpStatusCode? status, Exception? cause, string keyFlag, string urlFlag) => status switch
    {
        HttpStatusCode.Unauthorized => $"{url} needs a key that it knows: name the variable that holds one with {keyFlag}.",
        HttpStatusCode.Forbidden => $"{url} refuses this key or this machine (403).",
        HttpStatusCode.NotFound => $"{url} has no such service (404): is {urlFlag} right? Samovar's own is http://127.0.0.1:8787/v1.",
        HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout =>
            $"{url} is not ready or has no room ({(int)status}): try again in a moment.",
        { } other and not 0 => $"{url} answers {(int)other} where a WebSocket was asked for: is it a Samovar?",
        _ => OfNetwork(url, cause, urlFlag),
    };

    private static string OfNetwork(Uri url, Exception? cause, string urlFlag) => CodeOf(cause) switch
    {
        SocketError.ConnectionRefused => $"Nobody answers at {url}: start a server with '{Installation.Current.Command} up', "
            + $"wait until it has loaded its model, or name another with {urlFlag}.",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"There is no host '{url.Host}': is {urlFlag} right?",
        SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable =>
            $"{url} cannot be reached: is {urlFlag} right?",
        _ => $"There is no connection to {url}: {cause?.GetBaseException().Message.TrimEnd('.')}.",
    };

    private static SocketError? CodeOf(Exception? cause) => (cause?.GetBaseException() as SocketException)?.SocketErrorCode;
}
