using System.Text;
using Samovar.Scheduling.Budgets;

namespace Samovar.Server.Peers;

/// <summary>One event of a peer's answer.</summary>
/// <param name="Data">In memory of its own.</param>
internal readonly record struct PeerEvent(string Name, byte[] Data);

/// <summary>Reads the events of a node's answer as nodes write them: an event line, one data line, an empty one; comments
/// between.</summary>
/// <remarks>Every byte is a sign of life. What is written otherwise is no answer of a node.</remarks>
internal sealed class PeerStream(PeerReply reply, Stream body, ClaimedBuffer buffer) : IDisposable
{
    private const int FirstBytes = 4 << 10, NameBytesMax = 128;
    private string _name = ""; // most events are called as the one before
    private int _passed; // the lines before it were taken
    private int _searched;

    /// <summary>The call that it is the answer to.</summary>
    public PeerCall Call => reply.Call;

    /// <summary>The next event; null at the end of the answer.</summary>
    /// <exception cref="InvalidDataException">It is not written as nodes write, or too large.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<PeerEvent?> NextAsync(CancellationToken ended)
    {
        var name = "";
        while (true)
        {
            while (TryTakeLine(out var start, out var end))
            {
                var line = buffer.Written[start..end];
                if (Rest(line, "event: "u8) is { } said) name = NameOf(said.Span);
                else if (Rest(line, "data: "u8) is { } data) return new PeerEvent(Taken(name), data.ToArray());
                else if (line.Length > 0 && line.Span[0] != (byte)':') throw new InvalidDataException("its answer is no event stream");
            }
            if (!await FillAsync(ended)) return null;
        }
    }

    public void Dispose()
    {
        reply.Dispose();
        buffer.Dispose();
    }

    private static string Taken(string name) => name.Length > 0 ? name : throw new InvalidDataException("one of its events has no name");

    private static ReadOnlyMemory<byte>? Rest(ReadOnlyMemory<byte> line, ReadOnlySpan<byte> head) =>
        line.Span.StartsWith(head) ? line[head.Length..] : default(ReadOnlyMemory<byte>?);

    private string NameOf(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > NameBytesMax || !Ascii.IsValid(name)) throw new InvalidDataException("one of its events has no name");
        return Ascii.Equals(name, _name) ? _name : _name = Encoding.ASCII.GetString(name);
    }

    private bool TryTakeLine(out int start, out int end)
    {
        var length = buffer.Written.Span[_searched..].IndexOf((byte)'\n');
        (start, end) = (_passed, _searched + length);
        _searched = length < 0 ? buffer.Length : end + 1;
        if (length < 0) return false;
        _passed = _searched;
        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken ended)
    {
        if (_passed == buffer.Length || _passed > 0 && buffer.Free.IsEmpty)
        {
            buffer.Drop(_passed);
            (_searched, _passed) = (_searched - _passed, 0);
        }
        if (buffer.Free.IsEmpty && (buffer.IsFull || !buffer.TryGrow(FirstBytes)))
            throw new InvalidDataException(buffer.IsFull ? "one of its events is too large" : "there is no room for its events");
        var read = await body.ReadAsync(buffer.Free, ended);
        buffer.Advance(read);
        if (read > 0) Call.Heard();
        return read > 0;
    }
}
