using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;
using Samovar.Scheduling.Budgets;

namespace Samovar.Gateway.Wire.Http;

/// <summary>Reads the data of server-sent events from a response, whatever the lengths of the network's reads.</summary>
/// <remarks>
/// An event is put together where its lines lie: the data of its further lines are moved up to the first's, so one buffer holds all.
/// </remarks>
internal sealed class SseReader : IAsyncDisposable
{
    private const int FirstBytes = 4 * 1024, ReadBytes = 16 * 1024;
    private const int LineHeadBytes = 8; // "data: ", and what ends the line
    private readonly HttpResponseMessage _response;
    private readonly Stream _stream;
    private readonly UpstreamCall _call;
    private readonly int _eventBytesMax;
    private readonly ClaimedBuffer _buffer;
    private int _dataStart; // of the event that is being read
    private int _dataEnd;
    private int _lineStart; // what was not looked at yet, or only for its end
    private int _searched;
    private bool _hasData;

    public SseReader(HttpResponseMessage response, Stream stream, UpstreamCall call, int eventBytesMax)
    {
        (_response, _stream, _call, _eventBytesMax) = (response, stream, call, eventBytesMax);
        _buffer = new ClaimedBuffer(call.ClaimEvents(), (int)Math.Min(Array.MaxLength, eventBytesMax + (long)ReadBytes));
    }

    /// <summary>The next event's data, valid until the next call; null at the end of the stream or at <c>[DONE]</c>.</summary>
    public async ValueTask<RawJson?> NextAsync(CancellationToken attemptEnded)
    {
        (_dataStart, _dataEnd, _hasData) = (_lineStart, _lineStart, false);
        while (true)
        {
            while (TryTakeLine(out var start, out var end))
            {
                if (start == end && _hasData) return Data();
                TakeField(start, end);
            }
            if (_dataEnd - _dataStart + _searched - _lineStart > _eventBytesMax + LineHeadBytes) throw TooLarge();
            if (!await FillAsync(attemptEnded)) return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        finally
        {
            _response.Dispose();
            _buffer.Dispose();
        }
    }

    private RawJson? Data()
    {
        var data = _buffer.Written[_dataStart.._dataEnd];
        return data.Span.SequenceEqual("[DONE]"u8) ? null : new RawJson(data);
    }

    private void TakeField(int start, int end)
    {
        var line = _buffer.Written.Span[start..end];
        if (!line.StartsWith("data:"u8)) return;
        start += "data:".Length;
        if (start < end && _buffer.Written.Span[start] == (byte)' ') start++;
        if (_dataEnd - _dataStart + (_hasData ? 1 : 0) + end - start > _eventBytesMax) throw TooLarge();
        if (_hasData) _buffer.Move(start, end - start, _dataEnd + 1, (byte)'\n');
        else (_dataStart, _dataEnd) = (start, start - 1);
        (_dataEnd, _hasData) = (_dataEnd + 1 + end - start, true);
    }

    private bool TryTakeLine(out int start, out int end)
    {
        var written = _buffer.Written.Span;
        var length = written[_searched..].IndexOf((byte)'\n');
        (start, end) = (_lineStart, _searched + length);
        _searched = length < 0 ? written.Length : end + 1;
        if (length < 0) return false;
        _lineStart = _searched;
        if (end > start && written[end - 1] == (byte)'\r') end--;
        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken attemptEnded)
    {
        var passed = _hasData ? _dataStart : _lineStart;
        if (passed > 0 && _buffer.Free.IsEmpty || passed == _buffer.Length) Drop(passed);
        if (_buffer.Free.IsEmpty)
        {
            if (_buffer.IsFull) throw TooLarge();
            if (!_buffer.TryGrow(FirstBytes)) throw UpstreamCall.NoRoom();
        }
        var read = await _stream.ReadAsync(_buffer.Free, attemptEnded);
        _buffer.Advance(read);
        _call.Heard(read);
        return read > 0;
    }

    private void Drop(int bytes)
    {
        _buffer.Drop(bytes);
        (_lineStart, _searched) = (_lineStart - bytes, _searched - bytes);
        (_dataStart, _dataEnd) = _hasData ? (_dataStart - bytes, _dataEnd - bytes) : (_lineStart, _lineStart);
    }

    private UpstreamException TooLarge() => new(
        new UpstreamFault(FaultKind.TooLarge, $"{_eventBytesMax} bytes for one event of an upstream"));
}
