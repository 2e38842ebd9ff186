using System.Buffers;
using Samovar.Client.Errors;

namespace Samovar.Client.Transports;

/// <summary>Reads the data of server-sent events off a stream, each within a bound.</summary>
internal sealed class SseReader(Stream stream, int eventBytesMax) : IDisposable
{
    private const int ReadBytes = 16 << 10;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly ArrayBufferWriter<byte> _data = new(4096);
    private int _at, _end;
    private bool _hasData, _sawReturn, _isFirstLine = true;

    /// <summary>The next event's data, in memory of its own; null at the stream's end. A comment, or an event without data, is passed
    /// over, but noted in <paramref name="heard"/>.</summary>
    public async ValueTask<byte[]?> NextAsync(Action heard, CancellationToken caller)
    {
        while (true)
        {
            while (_at < _end)
            {
                var c = _buffer[_at++];
                if (c == '\n' && _sawReturn) _sawReturn = false; // the second half of a line's end
                else if (c is (byte)'\n' or (byte)'\r')
                {
                    _sawReturn = c == '\r';
                    if (EndLine() is { } data) return data;
                }
                else
                {
                    _sawReturn = false;
                    TakeRest(c);
                }
            }
            _at = 0;
            _end = await stream.ReadAsync(_buffer.AsMemory(0, ReadBytes), caller);
            if (_end == 0) return null; // what was begun and not ended is no event
            heard();
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    /// <summary>The line from its current byte as far as the buffer has it.</summary>
    private void TakeRest(byte first)
    {
        var rest = _buffer.AsSpan(_at, _end - _at);
        var length = rest.IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var at ? at : rest.Length;
        _line.GetSpan(1)[0] = first;
        _line.Advance(1);
        _line.Write(rest[..length]);
        _at += length;
        if (_line.WrittenCount + _data.WrittenCount > eventBytesMax)
            throw new ResponsesException(ResponsesErrorKind.TooLarge, $"An event has more than {eventBytesMax} bytes.");
    }

    private byte[]? EndLine()
    {
        var line = _line.WrittenSpan;
        if (_isFirstLine && line.StartsWith("\uFEFF"u8)) line = line["\uFEFF"u8.Length..];
        _isFirstLine = false;
        byte[]? data = null;
        if (line.IsEmpty)
        {
            if (_hasData) data = _data.WrittenSpan.ToArray();
            _data.ResetWrittenCount();
            _hasData = false;
        }
        else if (line.StartsWith("data"u8) && (line.Length == 4 || line[4] == ':'))
        {
            if (_hasData) _data.Write("\n"u8);
            var value = line.Length == 4 ? [] : line[5..];
            _data.Write(value.StartsWith(" "u8) ? value[1..] : value);
            _hasData = true;
        }
        _line.ResetWrittenCount();
        return data;
    }
}
