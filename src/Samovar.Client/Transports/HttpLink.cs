using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Samovar.Client.Errors;
using Samovar.Client.Settings;
using Samovar.Protocol.Events;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Transports;

/// <summary>The HTTP side of a Responses server: turns as server-sent events, and responses by their ids.</summary>
internal sealed class HttpLink(Uri baseUrl, ResponsesOptions options, HttpMessageInvoker http)
{
    private readonly ProtocolLimits _limits = ProtocolLimits.Peer with { FrameBytesMax = options.EventBytesMax };

    /// <summary>Asks for a turn.</summary>
    /// <param name="key">Names it, for servers that tell by that whether they have it already.</param>
    /// <exception cref="LinkLostException">There was no answer.</exception>
    /// <exception cref="ResponsesException">It was refused.</exception>
    public async Task<EventSource> PostAsync(byte[] body, string key, bool isBackground, CancellationToken caller)
    {
        var request = Request(HttpMethod.Post, "");
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream, application/json");
        return await StreamAsync(request, isBackground, caller);
    }

    /// <summary>Reads on a response that was left to the server.</summary>
    public Task<EventSource> FollowAsync(string id, long last, CancellationToken caller)
    {
        var query = last < 0 ? "?stream=true" : FormattableString.Invariant($"?stream=true&starting_after={last}");
        return StreamAsync(Request(HttpMethod.Get, Path(id) + query), canResume: true, caller);
    }

    /// <summary>The response as it stands; null where there is none.</summary>
    public async Task<ResponseView?> GetAsync(string id, CancellationToken caller)
    {
        try
        {
            return await WholeAsync(Request(HttpMethod.Get, Path(id)), caller);
        }
        catch (ResponsesException none) when (none.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task<ResponseView> CancelAsync(string id, CancellationToken caller) =>
        WholeAsync(Request(HttpMethod.Post, Path(id) + "/cancel"), caller);

    public Task<ResponseView> PostWholeAsync(byte[] body, string key, CancellationToken caller)
    {
        var request = Request(HttpMethod.Post, "");
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return WholeAsync(request, caller);
    }

    public async Task DeleteAsync(string id, CancellationToken caller) =>
        await ReadAsync(Request(HttpMethod.Delete, Path(id)), static (_, _, _) => Task.FromResult(true), caller);

    private static string Path(string id) => "/" + Uri.EscapeDataString(id);

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, baseUrl.AbsoluteUri.TrimEnd('/') + "/responses" + path);
        request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        if (options.ApiKey is { } key) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        foreach (var (name, value) in options.Headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private async Task<EventSource> StreamAsync(HttpRequestMessage request, bool canResume, CancellationToken caller)
    {
        using (request)
        {
            var answer = await SendAsync(request, caller);
            try
            {
                var type = answer.Content.Headers.ContentType?.MediaType;
                if (type == "text/html")
                    throw new ResponsesException(ResponsesErrorKind.Unreadable, "What the server answers is a page.")
                    { Status = (int)answer.StatusCode, IsForeign = true };
                if (type != "application/json")
                {
                    var stream = await answer.Content.ReadAsStreamAsync(caller);
                    return new SseSource(answer, stream, _limits, options, canResume);
                }
                var whole = new WholeAnswer(View(await BytesAsync(answer, caller)));
                answer.Dispose();
                return whole;
            }
            catch
            {
                answer.Dispose();
                throw;
            }
        }
    }

    private Task<ResponseView> WholeAsync(HttpRequestMessage request, CancellationToken caller) =>
        ReadAsync(request, async (link, answer, stop) => link.View(await link.BytesAsync(answer, stop)), caller);

    private async Task<T> ReadAsync<T>(
        HttpRequestMessage request, Func<HttpLink, HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken caller)
    {
        using (request)
        {
            using var answer = await SendAsync(request, caller);
            return await read(this, answer, caller);
        }
    }

    /// <summary>The answer's head, of a request that was not refused.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken caller)
    {
        using var silence = new Silence(options.SilenceMax, options.Time, caller);
        try
        {
            var answer = await http.SendAsync(request, silence.Token);
            if (answer.IsSuccessStatusCode) return answer;
            using (answer) throw await RefusalAsync(answer, caller);
        }
        catch (HttpRequestException lost)
        {
            var isUnsent = lost.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
            throw new LinkLostException($"There is no connection to {baseUrl}: {lost.GetBaseException().Message}", lost, isUnsent);
        }
        catch (IOException lost)
        {
            throw new LinkLostException($"The connection to {baseUrl} is lost.", lost);
        }
        catch (OperationCanceledException late) when (!caller.IsCancellationRequested)
        {
            throw new LinkLostException("The server did not answer in time.", late);
        }
    }

    private async Task<ResponsesException> RefusalAsync(HttpResponseMessage answer, CancellationToken caller)
    {
        var bytes = await BytesAsync(answer, caller);
        var said = EventReader.TryRead(bytes, _limits, out var e) ? e.Error : null;
        var error = said
            ?? new EventError(null, null, Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 200))), null, null, null);
        var wait = answer.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - options.Time.GetUtcNow() : null;
        return Faults.Of(error with { RetryAfter = wait ?? error.RetryAfter }, (int)answer.StatusCode, isForeign: said is null);
    }

    /// <summary>The whole of an answer whose head is there.</summary>
    /// <exception cref="LinkLostException">Its rest did not come.</exception>
    private async Task<byte[]> BytesAsync(HttpResponseMessage answer, CancellationToken caller)
    {
        using var silence = new Silence(options.SilenceMax, options.Time, caller);
        try
        {
            return await BytesAsync(answer, silence);
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException or ObjectDisposedException)
        {
            throw new LinkLostException("The answer broke.", lost);
        }
        catch (OperationCanceledException late)
        {
            caller.ThrowIfCancellationRequested();
            throw new LinkLostException("The answer stopped for too long.", late) { IsSilence = true };
        }
    }

    private async Task<byte[]> BytesAsync(HttpResponseMessage answer, Silence silence)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(silence.Token);
        using var bytes = new MemoryStream();
        var piece = new byte[16 << 10];
        while (await stream.ReadAsync(piece, silence.Token) is > 0 and var read)
        {
            silence.Heard();
            bytes.Write(piece, 0, read);
            if (bytes.Length > options.EventBytesMax)
                throw new ResponsesException(ResponsesErrorKind.TooLarge, $"An answer has more than {options.EventBytesMax} bytes.");
        }
        return bytes.ToArray();
    }

    private ResponseView View(byte[] bytes) => ResponseReader.TryRead(bytes, _limits, out var view) && view.Id is not null ? view
        : throw new ResponsesException(ResponsesErrorKind.Unreadable, "What the server answers is no response.");
}

/// <summary>The events of a turn over HTTP.</summary>
internal sealed class SseSource(
    HttpResponseMessage answer, Stream stream, ProtocolLimits limits, ResponsesOptions options, bool canResume) : EventSource
{
    private readonly SseReader _reader = new(stream, options.EventBytesMax);

    public override bool CanResume => canResume;

    public override async ValueTask<EventView?> NextAsync(CancellationToken caller)
    {
        using var silence = new Silence(options.SilenceMax, options.Time, caller);
        try
        {
            while (await _reader.NextAsync(silence.Heard, silence.Token) is { } data)
            {
                if (data.AsSpan().SequenceEqual("[DONE]"u8)) return null;
                if (EventReader.TryRead(data, limits, out var e)) return e;
            }
            return null;
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException or ObjectDisposedException)
        {
            throw new LinkLostException("The stream broke.", lost);
        }
        catch (OperationCanceledException) when (silence.IsTooLong)
        {
            throw new LinkLostException("Nothing came for too long.") { IsSilence = true };
        }
    }

    public override ValueTask DisposeAsync()
    {
        _reader.Dispose();
        answer.Dispose();
        return ValueTask.CompletedTask;
    }
}
