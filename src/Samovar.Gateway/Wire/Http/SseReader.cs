using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;
using Samovar.Scheduling.Budgets;

namespace Samovar.Gateway.Wire.Http;

/// <summary>
/// Reads the data of server-sent events from a response, whatever the lengths of the network's reads, and the JSON of those who answer
/// with that instead.
/// </summary>
/// <remarks>
/// An event is put together where its lines lie: the data of its further lines are moved up to the first's, so one buffer holds all.
/// Lines end with LF, CR or both. A line of JSON without <c>data:</c> is an event (or the beginning of one that reaches to the end of the
/// answer); so is a whole object of which the next line is data again, though the empty line between them is missing; so is each of
/// several objects that stand in one line. What is at the end of the answer without an empty line behind it counts where it is whole.
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
    private readonly Queue<RawJson> _values = new(); // of a JSON answer, before the buffer is filled again
    private readonly EventName _name = new();
    private readonly FinishGrace _grace;
    private int _dataStart; // of the event that is being read
    private int _dataEnd;
    private int _lineStart; // what was not looked at yet, or only for its end
    private int _searched;
    private int _dataLines;
    private bool _skipsLineFeed; // the line before ended with CR
    private bool _hasData, _hasJson; // events came as data, as lines of JSON
    private bool _isJson; // what comes up to the end of the answer is one text of JSON
    private bool _isEnded;

    public SseReader(HttpResponseMessage response, Stream stream, UpstreamCall call, int eventBytesMax)
    {
        (_response, _stream, _call, _eventBytesMax) = (response, stream, call, eventBytesMax);
        _grace = new FinishGrace(call);
        _buffer = new ClaimedBuffer(call.ClaimEvents(), (int)Math.Min(Array.MaxLength, eventBytesMax + (long)ReadBytes));
    }

    /// <summary>The next event's data, valid until the next call; null at the end of the stream or at <c>[DONE]</c>.</summary>
    public async ValueTask<RawJson?> NextAsync(CancellationToken attemptEnded)
    {
        while (true)
        {
            if (_values.TryDequeue(out var value)) return EventCheck.Checked(value.Utf8);
            if (_isEnded) return null;
            if (await NextEventAsync(attemptEnded) is not { } data) continue;
            if (SseData.IsEnd(data.Utf8.Span))
            {
                IsMarked = true;
                return null;
            }
            if (SseData.IsSilence(data.Utf8.Span)) continue;
            if (!data.IsObject && (_grace.IsFinished || _name.IsSignOfLife)) continue; // nothing of an answer is anything else
            if (_name.IsError && !data.IsObject) return EventName.ErrorOf(data);
            if (SseData.MayHoldMore(data.Utf8.Span)) data = First(data);
            return _name.Typed(EventCheck.Checked(data.Utf8), _call.Destination.Kind);
        }
    }

    /// <summary>Whether the stream ended with the mark that says so.</summary>
    public bool IsMarked { get; private set; }

    /// <summary>Where the answer has finished, what is still to come is waited for a moment only.</summary>
    /// <param name="hasUsage">Whether the upstream said what was used, too.</param>
    public void Finish(FinishSign sign, bool hasUsage) => _grace.Note(sign, hasUsage);

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

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    private bool HasData => _dataLines > 0;

    /// <summary>The first of several values in one event; the others come next.</summary>
    private RawJson First(RawJson data)
    {
        var first = SseData.First(data, out var rest);
        while (!rest.IsEmpty)
        {
            if (IsMarked = SseData.IsEnd(rest.Span)) break;
            _values.Enqueue(SseData.First(new RawJson(rest), out rest));
        }
        _isEnded |= IsMarked;
        return first;
    }

    /// <summary>The data of one event; null where there are values of JSON instead, or no more events.</summary>
    private async ValueTask<RawJson?> NextEventAsync(CancellationToken attemptEnded)
    {
        (_dataStart, _dataEnd, _dataLines) = (_lineStart, _lineStart, 0);
        _name.Clear();
        while (true)
        {
            while (!_isJson && TryTakeLine(out var start, out var end))
            {
                if (start == end ? HasData : TakeLine(start, end)) return Data();
                if (_values.Count > 0) return null;
            }
            if (_dataEnd - _dataStart + _searched - _lineStart > _eventBytesMax + LineHeadBytes) throw TooLarge();
            if (!await FillAsync(attemptEnded)) return Last();
        }
    }

    private RawJson Data() => SseData.Trimmed(_buffer.Written[_dataStart.._dataEnd]);

    /// <summary>What is at the end of the answer: a line without its end, an event without the empty line behind it.</summary>
    private RawJson? Last()
    {
        _isEnded = true;
        var remaining = _buffer.Written[_lineStart..];
        if (_isJson)
        {
            IsMarked = SseData.TryCutEnd(ref remaining);
            SseData.Split(remaining, _call.Destination.Kind, _values);
        }
        else if (!remaining.IsEmpty && TakeLine(_lineStart, _buffer.Length))
        {
            _isEnded = _lineStart == _buffer.Length; // the event before it; it comes next
            return Data();
        }
        if (_isJson || !HasData) return null;
        var data = Data();
        return SseData.IsEnd(data.Utf8.Span) || SseData.IsWhole(data.Utf8.Span)
            || (_name.IsError && !data.IsObject) ? data : null;
    }

    /// <summary>Takes one line in; true where the event before it has ended with it.</summary>
    private bool TakeLine(int start, int end)
    {
        var line = _buffer.Written.Span[start..end];
        if (line.StartsWith(ByteOrderMark)) line = line[ByteOrderMark.Length..]; // some write one with each flush
        line = line.TrimStart((byte)' ');
        start = end - line.Length;
        if (line.StartsWith("data:"u8)) return TakeData(start, end);
        if (line.StartsWith("error:"u8)) return TakeError(start, end);
        if (line.StartsWith("event:"u8)) _name.Set(line["event:".Length..]);
        else if (SseData.IsEnd(line.Trim(" \t"u8))) return TakeBareEnd(start, end);
        else if (!HasData && SseData.IsJson(line)) TakeJson(start, end);
        return false;
    }

    /// <summary>The mark that ends a stream, in a line without <c>data:</c>.</summary>
    private bool TakeBareEnd(int start, int end)
    {
        if (HasData) (_lineStart, _searched, _skipsLineFeed) = (start, start, false); // the event before it comes first
        else (_dataStart, _dataEnd) = (start, end);
        return true;
    }

    /// <summary>llama-server's older builds have a field of their own for errors; others write mere words there.</summary>
    private bool TakeError(int start, int end)
    {
        if (!HasData)
        {
            _name.Set("error"u8);
            return TakeData(start + "error:".Length, end);
        }
        (_lineStart, _searched, _skipsLineFeed) = (start, start, false); // the event before it comes first
        return true;
    }

    private bool TakeData(int start, int end)
    {
        _hasData = true;
        if (_dataLines == 1 && SseData.IsWhole(_buffer.Written.Span[_dataStart.._dataEnd]))
        {
            (_lineStart, _searched, _skipsLineFeed) = (start, start, false);
            return true;
        }
        while (_buffer.Written.Span[start..end].StartsWith("data:"u8)) // proxies put their own in front of the upstream's
        {
            start += "data:".Length;
            if (start < end && _buffer.Written.Span[start] == (byte)' ') start++;
        }
        if (_dataEnd - _dataStart + (HasData ? 1 : 0) + end - start > _eventBytesMax) throw TooLarge();
        if (HasData) _buffer.Move(start, end - start, _dataEnd + 1, (byte)'\n');
        else (_dataStart, _dataEnd) = (start, start - 1);
        (_dataEnd, _dataLines) = (_dataEnd + 1 + end - start, _dataLines + 1);
        return false;
    }

    /// <summary>
    /// A line of JSON: one event, or the beginning of a text of JSON in many lines. Behind events only a line that opens a printed value
    /// and nothing more is that; behind lines of JSON, one of an object as well.
    /// </summary>
    private void TakeJson(int start, int end)
    {
        var line = _buffer.Written.Span[start..end];
        var mayBegin = !_hasData && (!_hasJson || line.TrimStart(" \t"u8)[0] == (byte)'{');
        _hasJson = true;
        if (SseData.IsWhole(line)) SseData.Split(_buffer.Written[start..end], _call.Destination.Kind, _values);
        else if (mayBegin || SseData.IsOpening(line)) (_isJson, _lineStart, _searched) = (true, start, _buffer.Length);
    }

    private bool TryTakeLine(out int start, out int end)
    {
        var written = _buffer.Written.Span;
        if (_skipsLineFeed && _lineStart < written.Length)
        {
            if (written[_lineStart] == (byte)'\n') _lineStart++;
            (_skipsLineFeed, _searched) = (false, Math.Max(_searched, _lineStart));
        }
        var length = written[_searched..].IndexOfAny((byte)'\n', (byte)'\r');
        (start, end) = (_lineStart, _searched + length);
        _searched = length < 0 ? written.Length : end + 1;
        if (length < 0) return false;
        (_lineStart, _skipsLineFeed) = (_searched, written[end] == (byte)'\r');
        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken attemptEnded)
    {
        var passed = HasData ? _dataStart : _lineStart;
        if (passed > 0 && _buffer.Free.IsEmpty || passed == _buffer.Length) Drop(passed);
        if (_buffer.Free.IsEmpty)
        {
            if (_buffer.IsFull) throw TooLarge();
            if (!_buffer.TryGrow(FirstBytes)) throw UpstreamCall.NoRoom();
        }
        var read = await _grace.ReadAsync(_stream, _buffer.Free, attemptEnded);
        _buffer.Advance(read);
        if (_isJson) _searched = _buffer.Length;
        _call.Heard(read);
        return read > 0;
    }

    private void Drop(int bytes)
    {
        _buffer.Drop(bytes);
        (_lineStart, _searched) = (_lineStart - bytes, _searched - bytes);
        (_dataStart, _dataEnd) = HasData ? (_dataStart - bytes, _dataEnd - bytes) : (_lineStart, _lineStart);
    }

    private UpstreamException TooLarge() => new(
        new UpstreamFault(FaultKind.TooLarge, $"One of its events was larger than {_eventBytesMax} bytes."));
}
