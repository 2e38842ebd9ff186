using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>A <see cref="Utf8JsonWriter"/> over a buffer that is used again. Rent and dispose in the same method.</summary>
public sealed class JsonBuffer : IDisposable
{
    /// <summary>A thread keeps its spare buffer up to this size, a larger one is let go.</summary>
    private const int KeptBytesMax = 256 * 1024;
    private const int StartBytes = 1024;

    // Relaxed: what we write goes to JSON parsers, never into HTML, and non-ASCII text must not grow threefold.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic] private static JsonBuffer? t_spare;

    private readonly ArrayBufferWriter<byte> _bytes = new(StartBytes);

    private JsonBuffer() => Writer = new Utf8JsonWriter(_bytes, Options);

    public Utf8JsonWriter Writer { get; }

    /// <summary>What was written so far; gone after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Written
    {
        get
        {
            Writer.Flush();
            return _bytes.WrittenSpan;
        }
    }

    public static JsonBuffer Rent()
    {
        var spare = t_spare ?? new JsonBuffer();
        t_spare = null;
        return spare;
    }

    /// <summary>Writes one value and gives its bytes: the one allocation is the result.</summary>
    public static byte[] Bytes<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        using var buffer = Rent();
        write(buffer.Writer, value);
        return buffer.ToArray();
    }

    public byte[] ToArray() => Written.ToArray();

    public RawJson ToRawJson() => new(ToArray());

    public void Dispose()
    {
        Writer.Reset();
        _bytes.ResetWrittenCount();
        if (_bytes.Capacity <= KeptBytesMax) t_spare = this;
        else Writer.Dispose();
    }
}
