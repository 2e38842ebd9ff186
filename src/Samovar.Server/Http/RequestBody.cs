using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Budgets;
using Samovar.Server.Decoding;

namespace Samovar.Server.Http;

/// <summary>Reads a request's whole body, decompressed and bounded.</summary>
internal static class RequestBody
{
    private const int FirstBytes = 16 << 10;
    private const int ReadAtOnceMax = 64 << 10;
    private static readonly string[] TypesOfAnything = ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"];

    /// <param name="request">The request.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="room">What the body is counted by, while it comes in and then as what it becomes; the caller gives it back.</param>
    /// <exception cref="ApiException">Too large, too slow, of a kind or an encoding that is not understood, or there is no room for
    /// it.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, HttpOptions options, BodyRoom room, TimeProvider time,
        CancellationToken caller)
    {
        if (!IsJson(request.ContentType)) throw new ApiException(Errors.UnsupportedMediaType, request.ContentType);
        if (request.ContentLength > options.BodyBytesMax) throw TooLarge(options.BodyBytesMax);
        using var late = new CancellationTokenSource(options.BodyTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        try
        {
            await using var body = Decoded(request, new ReceivedBody(request.Body, caller), options.BodyBytesMax, room.HoldDecoder);
            var whole = await ReadAsync(body, options.BodyBytesMax, room, either.Token);
            // The connection is read on this thread: it must notice a client that leaves while much is prepared.
            if (whole.Length > ReadAtOnceMax) await Task.Yield();
            return whole;
        }
        catch (OperationCanceledException exception) when (late.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            throw new ApiException(Errors.RequestTooSlow, [options.BodyTimeMax.TotalSeconds], cause: exception);
        }
        catch (InvalidDataException exception)
        {
            throw Broken(request, exception);
        }
    }

    /// <summary>Whether a body called so may be JSON: many do not say it, and some call every body text, bytes or a form.</summary>
    private static bool IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        if (type.IndexOfAny(';', ',') is >= 0 and var end) type = type[..end];
        type = type.Trim();
        foreach (var any in TypesOfAnything)
            if (type.Equals(any, StringComparison.OrdinalIgnoreCase)) return true;
        return type.IsEmpty || type.EndsWith("json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Stands for a request that could not be read, in the request log.</summary>
    public static CreateRequest Unread(HttpRequest request) => new() { Bytes = (int)Math.Min(int.MaxValue, request.ContentLength ?? 0) };

    private static ApiException Broken(HttpRequest request, Exception? cause = null) =>
        new(Errors.InvalidJson, $"its {request.Headers.ContentEncoding} data is broken", cause: cause);

    public static ApiException TooLarge(long bytesMax) => new(Errors.RequestTooLarge, ["too many", bytesMax]);

    private static ReadOnlyBody Decoded(HttpRequest request, ReceivedBody body, int bytesMax, Action<long> claim) =>
        request.Headers.ContentEncoding.ToString().ToUpperInvariant() switch
        {
            "" or "IDENTITY" => body,
            "GZIP" or "X-GZIP" => new InflatedBody(body, isGzip: true, bytesMax, claim),
            "DEFLATE" => new InflatedBody(body, isGzip: false, bytesMax, claim),
            "BR" => new BrotliBody(body, bytesMax, claim),
            "ZSTD" => new ZstdBody(body, bytesMax, claim),
            _ => throw new ApiException(Errors.UnsupportedMediaType, request.Headers.ContentEncoding.ToString()),
        };

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream body, int bytesMax, BodyRoom room, CancellationToken either)
    {
        using var buffer = new ClaimedBuffer(room.Claim, bytesMax + 1); // one more than allowed shows that it is too long
        while (true)
        {
            if (buffer.Free.IsEmpty && !buffer.TryGrow(FirstBytes)) throw room.NoRoom(buffer.Length);
            var read = await body.ReadAsync(buffer.Free, either);
            buffer.Advance(read);
            if (buffer.IsFull) throw TooLarge(bytesMax);
            if (read > 0) continue;
            var whole = buffer.Detach();
            room.FreeDecoder();
            return room.TryHold(whole.Length) ? whole : throw room.NoRoom(whole.Length);
        }
    }
}
