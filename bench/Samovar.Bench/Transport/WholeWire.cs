using System.Net.Http.Headers;
using System.Net.ServerSentEvents;

namespace Samovar.Bench.Transport;

/// <summary>A turn of a protocol without state: all messages go up, events come down.</summary>
/// <param name="target">Where turns are posted.</param>
internal sealed class WholeWire(HttpMessageInvoker http, Uri target)
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    /// <param name="body">JSON.</param>
    /// <param name="answer">Takes the events.</param>
    /// <param name="seen">Sees each of them.</param>
    public async Task<TransportAnswer> TurnAsync(
        byte[] body, StreamedAnswer answer, Action<ReadOnlyMemory<byte>>? seen, CancellationToken late)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = JsonType;
        try
        {
            using var response = await http.SendAsync(request, late);
            if (!response.IsSuccessStatusCode)
                return new TransportAnswer { JsonUp = body.Length, Error = await response.Content.ReadAsStringAsync(late) };
            await using var stream = await response.Content.ReadAsStreamAsync(late);
            await foreach (var e in SseParser.Create(stream, (_, data) => data.ToArray()).EnumerateAsync(late))
            {
                seen?.Invoke(e.Data);
                answer.Take(e.Data);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new TransportAnswer { JsonUp = body.Length, Error = exception.Message };
        }
        return answer.ToAnswer(body.Length);
    }
}
