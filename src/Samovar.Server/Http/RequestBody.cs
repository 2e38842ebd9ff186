using System.Buffers;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Requests;
using Samovar.Server.Decoding;

namespace Samovar.Server.Http;

/// <summary>Reads a request's whole body, decompressed and bounded.</summary>
internal static class RequestBody
{
    private const int FirstBytes = 16 << 10;

    /// <exception cref="ApiException">Too large, too slow, or of an encoding that is not understood.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, HttpOptions options, TimeProvider time,
        CancellationToken caller)
    {
        if (request.ContentLength > options.BodyBytesMax) throw TooLarge(options.BodyBytesMax);
        using var late = new CancellationTokenSource(options.BodyTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        try
        {
            await using var body = Decoded(request, options.BodyBytesMax);
            return await ReadAsync(body, options.BodyBytesMax, either.Token);
        }
        catch (OperationCanceledException exception) when (late.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            throw new ApiException(Errors.RequestTooSlow, [options.BodyTimeMax.TotalSeconds], cause: exception);
        }
        catch (InvalidDataException exception)
        {
            throw Broken(request, exception);
        }
        catch (Exception exception) when (HttpFaults.IsOfRequest(exception) && !caller.IsCancellationRequested)
        {
            throw HttpFaults.Of(exception);
        }
    }

    /// <summary>Stands for a request that could not be read, in the request log.</summary>
    public static CreateRequest Unread(HttpRequest request) => new() { Bytes = (int)Math.Min(int.MaxValue, request.ContentLength ?? 0) };

    private static ApiException Broken(HttpRequest request, Exception? cause = null) =>
        new(Errors.InvalidJson, $"its {request.Headers.ContentEncoding} data is broken", cause: cause);

    public static ApiException TooLarge(long bytesMax) => new(Errors.RequestTooLarge, ["too many", bytesMax]);

    private static Stream Decoded(HttpRequest request, int bytesMax) => request.Headers.ContentEncoding.ToString().ToUpperInvariant() switch
    {
        "" or "IDENTITY" => request.Body,
        "GZIP" or "X-GZIP" => new InflatedBody(request.Body, isGzip: true, bytesMax),
        "DEFLATE" => new InflatedBody(request.Body, isGzip: false, bytesMax),
        "BR" => new BrotliBody(request.Body, bytesMax),
        _ => throw new ApiException(Errors.UnsupportedMediaType, request.Headers.ContentEncoding.ToString()),
    };

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream body, int bytesMax, CancellationToken either)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            for (var length = 0; ;)
            {
                if (length == buffer.Length) buffer = Grow(buffer, length);
                var read = await body.ReadAsync(buffer.AsMemory(length, Math.Min(buffer.Length - length, bytesMax - length + 1)), either);
                if (read == 0) return buffer.AsSpan(0, length).ToArray();
                length += read;
                if (length > bytesMax) throw TooLarge(bytesMax);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] full, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        full.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
