using System.Net;
using System.Text;
using ModelContextProtocol;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>What servers of tools say, in words that may be shown: within their bound, and without the secrets that they were
/// told.</summary>
/// <param name="secrets">Those, the longest first.</param>
/// <param name="bytesMax">Bytes of a result.</param>
internal sealed class McpWords(string[] secrets, int bytesMax)
{
    private const int MessageCharsMax = 1024;
    private const string Gone = "[secret]";

    /// <summary>The text without secrets.</summary>
    public string Clean(string text)
    {
        foreach (var secret in secrets) text = text.Replace(secret, Gone, StringComparison.Ordinal);
        return text;
    }

    /// <summary>Whether a text that cannot be changed has a secret in it.</summary>
    public bool AreSecretsIn(string text) => Array.Exists(secrets, secret => text.Contains(secret, StringComparison.Ordinal));

    /// <summary>A result's text, cut where it is too long.</summary>
    public string Bounded(string text)
    {
        text = Clean(text);
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes <= bytesMax) return text;
        var (chars, used) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (used + rune.Utf8SequenceLength > bytesMax) break;
            (chars, used) = (chars + rune.Utf16SequenceLength, used + rune.Utf8SequenceLength);
        }
        return $"{text[..chars]}\n[cut here: {bytes - used} of {bytes} bytes are left out]";
    }

    /// <summary>Why something failed. Nothing of this machine's network is in it.</summary>
    public ToolServerException Explain(Exception failed, AnswerFaults faults)
    {
        var cause = faults.Newest ?? failed;
        for (var at = cause; at is not null; at = at.InnerException)
        {
            switch (at)
            {
                case ToolServerException known: return known;
                case RefusedAddressException or TooMuchException: return new(ToolServerException.Http, 0, at.Message, failed);
                case HttpRequestException { StatusCode: { } status }: return OfStatus(status, failed);
                case McpProtocolException protocol:
                    return new(ToolServerException.Protocol, (int)protocol.ErrorCode, Short(protocol.Message), failed);
            }
        }
        return cause switch
        {
            HttpRequestException or IOException or TimeoutException or System.Net.Sockets.SocketException =>
                new(ToolServerException.Http, 0, "It cannot be reached, or the connection broke.", failed),
            _ => new(ToolServerException.Protocol, 0, "It does not answer as an MCP server does.", failed),
        };
    }

    private static ToolServerException OfStatus(HttpStatusCode status, Exception cause) => new(
        ToolServerException.Http, (int)status, (int)status is >= 300 and < 400 ? "It answers with another address, which is not followed."
            : $"Http status code: {(int)status}.", cause);

    private string Short(string message)
    {
        var clean = Clean(message);
        return clean.Length <= MessageCharsMax ? clean : clean[..MessageCharsMax];
    }
}
