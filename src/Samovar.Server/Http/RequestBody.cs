using System.Buffers;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Budgets;
using Samovar.Server.Decoding;

namespace Samovar.Server.Http;

/// <summary>Reads a request's whole body, decompressed and bounded.</summary>
internal static class RequestBody
{
    private static readonly string[] Encodings = ["GZIP", "X-GZIP", "DEFLATE", "BR", "ZSTD"];
    private const int FirstBytes = 16 << 10;
    private const int ReadAtOnceMax = 64 << 10;
    private const int EncodingsMax = 4; // each one inside the other
    private static readonly string[] TypesOfAnything = ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"];

    /// <param name="request">The request.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="room">What the body is counted by, while it comes in and then as what it becomes; the caller gives it back.</param>
    /// <param name="begun">Sees the first bytes of a body that is not whole yet.</param>
    /// <exception cref="ApiException">Too large, too slow, of a kind or an encoding that is not understood, or there is no room for
    /// it.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, HttpOptions options, BodyRoom room, TimeProvider time,
        CancellationToken caller, Action<ReadOnlyMemory<byte>>? begun = null)
    {
        if (!IsJson(request.ContentType)) throw new ApiException(Errors.UnsupportedMediaType, request.ContentType);
        if (request.ContentLength > options.BodyBytesMax) throw TooLarge(options.BodyBytesMax);
        if (TryTake(request, room, out var arrived, caller)) return arrived;
        using var late = new CancellationTokenSource(options.BodyTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        try
        {
            await using var body = Decoded(request, new ReceivedBody(request.BodyReader, caller), options.BodyBytesMax, room);
            var whole = await ReadAsync(body, options.BodyBytesMax, room, begun, either.Token);
            // The connection is read on this thread: it must notice a client that leaves while much is prepared.
            if (whole.Length > ReadAtOnceMax) await Task.Yield();
            return whole;
        }
        catch (OperationCanceledException exception) when (late.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            throw new ApiException(Errors.RequestTooSlow, [options.BodyTimeMax], cause: exception);
        }
        catch (InvalidDataException exception)
        {
            throw Broken(request, exception);
        }
    }

    /// <summary>A small plain body that has come with its head, as most do, is taken without a time to wait for it.</summary>
    private static bool TryTake(
        HttpRequest request, BodyRoom room, out ReadOnlyMemory<byte> whole, CancellationToken caller)
    {
        whole = default;
        if (request.ContentLength is not (> 0 and <= ReadAtOnceMax) || request.Headers.ContentEncoding.Count > 0) return false;
        try
        {
            if (!request.BodyReader.TryRead(out var read)) return false;
            var bytes = read.Buffer;
            var isWhole = read.IsCompleted && bytes.Length == request.ContentLength;
            var hasRoom = isWhole && room.TryHold(bytes.Length);
            if (hasRoom) whole = bytes.ToArray();
            request.BodyReader.AdvanceTo(isWhole ? bytes.End : bytes.Start); // else it is read from its start, as it comes
            return isWhole && !hasRoom ? throw room.NoRoom(bytes.Length) : isWhole;
        }
        catch (Exception exception) when (HttpFaults.IsOfRequest(exception) && !caller.IsCancellationRequested)
        {
            throw HttpFaults.Of(exception);
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

    private static ApiException Broken(HttpRequest request, InvalidDataException cause) =>
        new(Errors.InvalidJson, $"its {request.Headers.ContentEncoding} data is broken: {cause.Message.TrimEnd('.')}", cause: cause);

    public static ApiException TooLarge(long bytesMax) => new(Errors.RequestTooLarge, ["too many", bytesMax]);

    /// <summary>The encodings stand in the order in which they were applied; the last one is taken off first.</summary>
    private static ReadOnlyBody Decoded(HttpRequest request, ReceivedBody body, int bytesMax, BodyRoom room)
    {
        var header = request.Headers.ContentEncoding.ToString();
        var encodings = header.ToUpperInvariant()
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(one => one != "IDENTITY").ToList();
        if (encodings.Count > EncodingsMax || encodings.Exists(one => !Encodings.Contains(one)))
            throw new ApiException(Errors.UnsupportedMediaType, header);
        var held = new long[encodings.Count];
        ReadOnlyBody decoded = body;
        for (var at = encodings.Count - 1; at >= 0; at--) decoded = Decoded(encodings[at], decoded, bytesMax, Claim(at));
        return decoded;

        Action<long> Claim(int at) => bytes =>
        {
            held[at] = bytes;
            room.HoldDecoder(held.Sum());
        };
    }

    private static DecodedBody Decoded(string encoding, ReadOnlyBody body, int bytesMax, Action<long> claim) => encoding switch
    {
        "DEFLATE" => new InflatedBody(body, isGzip: false, bytesMax, claim),
        "BR" => new BrotliBody(body, bytesMax, claim),
        "ZSTD" => new ZstdBody(body, bytesMax, claim),
        _ => new InflatedBody(body, isGzip: true, bytesMax, claim),
    };

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream body, int bytesMax, BodyRoom room,
        Action<ReadOnlyMemory<byte>>? begun, CancellationToken either)
    {
        using var buffer = new ClaimedBuffer(room.Claim, bytesMax + 1); // one more than allowed shows that it is too long
        while (true)
        {
            if (buffer.Free.IsEmpty && !buffer.TryGrow(FirstBytes)) throw room.NoRoom(buffer.Length);
            var read = await body.ReadAsync(buffer.Free, either);
            buffer.Advance(read);
            if (buffer.IsFull) throw TooLarge(bytesMax);
            if (read > 0)
            {
                begun?.Invoke(buffer.Written);
                begun = null;
                continue;
            }
            var whole = buffer.Detach();
            room.FreeDecoder();
            return room.TryHold(whole.Length) ? whole : throw room.NoRoom(whole.Length);
        }
    }
}
