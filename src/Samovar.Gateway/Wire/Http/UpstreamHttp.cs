using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Samovar.Client.Transports;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Liveness;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Http;

/// <summary>The HTTP connections to all destinations.</summary>
internal sealed class UpstreamHttp : IDisposable
{
    private const string AnthropicVersion = "2023-06-01";
    private const int SmallBytesMax = 64 * 1024, ModelsBytesMax = 4 << 20;
    private static readonly TimeSpan ErrorTimeMax = TimeSpan.FromSeconds(2); // behind its head
    private readonly UpstreamOptions _options;

    public UpstreamHttp(UpstreamOptions options)
    {
        _options = options;
        Client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(15), // so that a changed address is noticed
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = ProxyBeyondLoopback.Instance,
            ActivityHeadersPropagator = null,
            ConnectCallback = async (context, connectEnds) =>
                await ConnectAsync(context.DnsEndPoint, options.ConnectionLostAfter, connectEnds),
        });
    }

    public HttpMessageInvoker Client { get; }

    /// <summary>Sends the body and returns the answer's events.</summary>
    /// <exception cref="UpstreamException">The upstream answered with an error.</exception>
    public async Task<SseReader> PostAsync(UpstreamCall call, string path, UpstreamBody body, CancellationToken attemptEnded)
    {
        using var request = Request(call, path, body, accepts: "text/event-stream");
        HttpResponseMessage? response = await Client.SendAsync(request, attemptEnded);
        call.Destination.Stated(call.Turn.Tenant, StatedLimits.Of(name => Header(response, name), call.Time.GetUtcNow()));
        try
        {
            if (!response.IsSuccessStatusCode)
                throw new UpstreamException(await FaultAsync(response, call.Time, attemptEnded));
            var isPlain = IsPlainStream(response.Content.Headers.NonValidated);
            if (!isPlain && response.Content.Headers.ContentType?.MediaType is { } type && !IsRead(type))
                throw new UpstreamException(
                    new UpstreamFault(FaultKind.Malformed, $"The upstream answered with {type} instead of an event stream."));
            var stream = isPlain ? await response.Content.ReadAsStreamAsync(attemptEnded) : await OpenAsync(response, attemptEnded);
            var reader = new SseReader(response, stream, call, _options.EventBytesMax);
            response = null; // the reader's now
            return reader;
        }
        finally
        {
            response?.Dispose();
        }
    }

    /// <summary>What most answers are: seen without parsing their headers.</summary>
    private static bool IsPlainStream(HttpHeadersNonValidated headers) => !headers.Contains("Content-Encoding")
        && headers.TryGetValues("Content-Type", out var type)
        && type.ToString() is "text/event-stream" or "text/event-stream; charset=utf-8";

    /// <summary>Some name a stream wrongly, and some answer with JSON, in one or in lines; pages and pictures are neither.</summary>
    private static bool IsRead(string mediaType) => mediaType.ToLowerInvariant() is "text/event-stream" or "text/plain"
        or "application/octet-stream" or "application/x-ndjson" or "application/stream+json"
        || mediaType.Contains("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Sends the body and returns the answer, which is one small JSON value.</summary>
    /// <exception cref="UpstreamException">The upstream answered with an error.</exception>
    public async Task<RawJson> AskAsync(UpstreamCall call, string path, UpstreamBody body, CancellationToken attemptEnded)
    {
        using var request = Request(call, path, body, accepts: "application/json");
        using var response = await Client.SendAsync(request, attemptEnded);
        if (!response.IsSuccessStatusCode) throw new UpstreamException(await FaultAsync(response, call.Time, attemptEnded));
        var answer = await StartAsync(response, SmallBytesMax, attemptEnded);
        call.Heard(answer.Length);
        return EventCheck.Checked(answer);
    }

    public async Task<bool> IsFitAsync(Destination destination, string path, CancellationToken deadline)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, destination.UriOf(path));
        destination.Authorize((name, value) => request.Headers.TryAddWithoutValidation(name, value));
        using var response = await Client.SendAsync(request, deadline);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Asks which models there are; what is longer than any such list comes as far as it is read.</summary>
    /// <param name="callerKey">Of a client, where the destination gets those.</param>
    public async Task<(int Status, RawJson Answer)> ModelsAsync(Destination destination, string? callerKey, CancellationToken deadline)
    {
        var isAnthropic = destination.Kind == DestinationKind.Messages;
        using var request = new HttpRequestMessage(HttpMethod.Get, destination.UriOf(isAnthropic ? "models?limit=1000" : "models"));
        destination.Authorize((name, value) => request.Headers.TryAddWithoutValidation(name, value), callerKey);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (isAnthropic) request.Headers.TryAddWithoutValidation("anthropic-version", AnthropicVersion);
        using var response = await Client.SendAsync(request, deadline);
        return ((int)response.StatusCode,
            response.IsSuccessStatusCode ? new RawJson(Readable(await StartAsync(response, ModelsBytesMax, deadline))) : default);
    }

    public void Dispose() => Client.Dispose();

    /// <summary>A connection whose end is noticed though nobody reads from it.</summary>
    internal static async Task<NetworkStream> ConnectAsync(EndPoint destination, TimeSpan lostAfter, CancellationToken connectEnds)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            TcpLiveness.Watch(socket, lostAfter);
            await socket.ConnectAsync(destination, connectEnds);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static HttpRequestMessage Request(UpstreamCall call, string path, UpstreamBody body, string accepts)
    {
        var destination = call.Destination;
        var request = new HttpRequestMessage(HttpMethod.Post, destination.UriOf(path)) { Content = new BodyContent(body, call) };
        Action<string, string> header = (field, value) => request.Headers.TryAddWithoutValidation(field, value);
        call.Authorize(header);
        call.Trace?.Write(header);
        request.Headers.TryAddWithoutValidation("Accept", accepts);
        if (destination.Dialect.ConversationHeader is { } name) request.Headers.TryAddWithoutValidation(name, call.Conversation);
        EngineHints.WriteHeaders(call, header);
        if (destination.Kind != DestinationKind.Messages) return request;
        header("anthropic-version", AnthropicVersion);
        if (body.Betas.Count > 0) header("anthropic-beta", string.Join(',', body.Betas.Order(StringComparer.Ordinal)));
        return request;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static async Task<UpstreamFault> FaultAsync(
        HttpResponseMessage response, TimeProvider time, CancellationToken attemptEnded)
    {
        var now = time.GetUtcNow();
        var status = (int)response.StatusCode;
        var retryAfter = RetryAfter.Of(name => Header(response, name), now);
        var body = Readable(await SaidAsync(response, time, attemptEnded));
        try
        {
            return FaultReader.Read(new RawJson(body), status, now, retryAfter);
        }
        catch (JsonException)
        {
            var text = Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, 500)]).Trim();
            if (text.StartsWith('<')) return FaultReader.ReadPage(status, now, retryAfter);
            return FaultReader.Read(text.Length == 0 ? default : JsonBytes.Quote(text), status, now, retryAfter);
        }
    }

    /// <summary>The bytes as UTF-8, as all who read JSON expect it: what is none becomes U+FFFD, and the rest can be read.</summary>
    private static ReadOnlyMemory<byte> Readable(ReadOnlyMemory<byte> text) =>
        Utf8.IsValid(text.Span) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text.Span));

    /// <summary>The answer's bytes; some compress them though nobody asked them to.</summary>
    private static async Task<Stream> OpenAsync(HttpResponseMessage response, CancellationToken attemptEnded)
    {
        var stream = await response.Content.ReadAsStreamAsync(attemptEnded);
        var encodings = response.Content.Headers.ContentEncoding;
        return encodings.Count == 0 ? stream : await PackedAnswer.OpenAsync(stream, encodings, attemptEnded);
    }

    /// <summary>What an error says, as far as it comes: its status counts, too, where that does not end, or cannot be unpacked.</summary>
    private static async Task<ReadOnlyMemory<byte>> SaidAsync(
        HttpResponseMessage response, TimeProvider time, CancellationToken attemptEnded)
    {
        var (body, length) = (new byte[SmallBytesMax], 0);
        using var late = new CancellationTokenSource(ErrorTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(attemptEnded, late.Token);
        try
        {
            await using var stream = await OpenAsync(response, either.Token);
            while (length < body.Length && await stream.ReadAsync(body.AsMemory(length), either.Token) is > 0 and var read) length += read;
        }
        catch (Exception cut) when (!attemptEnded.IsCancellationRequested && cut is IOException or InvalidDataException or UpstreamException
            or OperationCanceledException)
        {
            // what came is all there is
        }
        return body.AsMemory(0, length);
    }

    /// <summary>As much of the answer as anybody needs who does not stream it.</summary>
    private static async Task<ReadOnlyMemory<byte>> StartAsync(
        HttpResponseMessage response, int bytesMax, CancellationToken attemptEnded)
    {
        var body = new byte[bytesMax];
        await using var stream = await OpenAsync(response, attemptEnded);
        return body.AsMemory(0, await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, attemptEnded));
    }
}
