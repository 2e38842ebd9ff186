using System.Buffers;
using Samovar.Backends.Upstream.Attempts;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Upstream.Http;

/// <summary>Reads the data of server-sent events from a response, whatever the lengths of the network's reads.</summary>
internal sealed class SseReader(HttpResponseMessage response, Stream stream, UpstreamCall call, int eventBytesMax) : IAsyncDisposable
{
    private const int ReadBytes = 16 * 1024;
    private readonly ArrayBufferWriter<byte> _data = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
    private int _start;
    private int _end;

    /// <summary>The next event's data, valid until the next call; null at the end of the stream or at <c>[DONE]</c>.</summary>
    public async ValueTask<RawJson?> NextAsync(CancellationToken attemptEnded)
    {
        _data.ResetWrittenCount();
        while (true)
        {
            while (TryTakeLine(out var line))
            {
                if (line.Length == 0 && _data.WrittenCount > 0)
                    return _data.WrittenSpan.SequenceEqual("[DONE]"u8) ? null : new RawJson(_data.WrittenMemory);
                TakeField(line.Span);
            }
            if (!await FillAsync(attemptEnded)) return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        response.Dispose();
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private void TakeField(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("data:"u8)) return;
        var value = line["data:"u8.Length..];
        if (value is [(byte)' ', ..]) value = value[1..];
        if (_data.WrittenCount + value.Length > eventBytesMax)
            throw new UpstreamException(
                new UpstreamFault(FaultKind.Malformed, $"The upstream sent an event of more than {eventBytesMax} bytes."));
        if (_data.WrittenCount > 0) _data.Write("\n"u8);
        _data.Write(value);
    }

    private bool TryTakeLine(out ReadOnlyMemory<byte> line)
    {
        var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        line = default;
        if (length < 0) return false;
        line = _buffer.AsMemory(_start, length);
        if (line.Span is [.., (byte)'\r']) line = line[..^1];
        _start += length + 1;
        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken attemptEnded)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length) Grow();
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), attemptEnded);
        _end += read;
        call.Heard(read);
        return read > 0;
    }

    private void Grow()
    {
        if (_buffer.Length > eventBytesMax)
            throw new UpstreamException(
                new UpstreamFault(FaultKind.Malformed, $"The upstream sent a line of more than {eventBytesMax} bytes."));
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
