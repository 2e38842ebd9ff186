using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Samovar.Bench.Traces;

/// <summary>One file of the published traces, as JSON or packed by gzip.</summary>
internal sealed partial record TraceFile(string Id, int BlockTokens, TraceSession Session)
{
    private const int JsonDepthMax = 32, BlockTokensMax = 65_536;
    private static readonly byte[] Packed = [0x1F, 0x8B];

    /// <exception cref="TraceFileException">It cannot be read, or is no trace.</exception>
    public static TraceFile Read(string path, TraceLimits limits)
    {
        try
        {
            using var json = JsonDocument.Parse(Bytes(path, limits), new JsonDocumentOptions { MaxDepth = JsonDepthMax });
            return Of(new TraceValue(path, "", json.RootElement), limits);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TraceFileException(path, $"cannot be read: {exception.Message}", exception);
        }
        catch (InvalidDataException exception)
        {
            throw new TraceFileException(path, $"is packed wrongly: {exception.Message}", exception);
        }
        catch (JsonException exception)
        {
            throw new TraceFileException(path, $"is no JSON: {exception.Message}", exception);
        }
    }

    private static ReadOnlyMemory<byte> Bytes(string path, TraceLimits limits)
    {
        using var file = File.OpenRead(path);
        var isPacked = file.ReadByte() == Packed[0] && file.ReadByte() == Packed[1];
        file.Position = 0;
        using Stream plain = isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var whole = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (plain.Read(buffer) is > 0 and var read)
        {
            if (whole.Length + read > limits.BytesMax)
                throw new TraceFileException(path, $"has more than {limits.BytesMax} bytes of JSON, which is the most that is read.");
            whole.Write(buffer, 0, read);
        }
        var bytes = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        return bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
    }

    private static TraceFile Of(TraceValue root, TraceLimits limits)
    {
        var id = root["id"].Text();
        if (!IdForm().IsMatch(id)) throw root["id"].Wrong("is no name of letters, digits, _ and -, of 64 at most");
        var blockTokens = root["block_size"].Whole(1, BlockTokensMax);
        var name = id.Replace('_', '-').ToLowerInvariant();
        return new TraceFile(id, blockTokens, new TraceSessionReader(blockTokens, limits).Session(root, name, depth: 0));
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")] private static partial Regex IdForm();
}
