using System.Net;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Peers;

/// <summary>What the head of a peer's answer, and a body that is no stream, say.</summary>
internal static class PeerAnswers
{
    private const int BodyBytesMax = 64 << 10;

    public static bool IsStream(HttpResponseMessage response) => response.StatusCode == HttpStatusCode.OK
        && response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
        && type.ToString().StartsWith("text/event-stream", StringComparison.Ordinal);

    /// <summary>As much of a body as an error has.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> BodyAsync(HttpResponseMessage response, PeerCall call)
    {
        var body = new byte[BodyBytesMax];
        await using var content = await response.Content.ReadAsStreamAsync(call.Ended);
        return body.AsMemory(0, await content.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, call.Ended));
    }

    /// <summary>The error that it is; null where it is no node's.</summary>
    public static async ValueTask<ApiException?> ErrorAsync(HttpResponseMessage response, PeerCall call) =>
        ErrorOf(response, await BodyAsync(response, call));

    /// <inheritdoc cref="ErrorAsync"/>
    public static ApiException? ErrorOf(HttpResponseMessage response, ReadOnlyMemory<byte> body) => response.IsSuccessStatusCode ? null
        : PeerErrors.Read(body, (int)response.StatusCode,
            response.Headers.NonValidated.TryGetValues("Retry-After", out var said) ? said.ToString() : null);
}
