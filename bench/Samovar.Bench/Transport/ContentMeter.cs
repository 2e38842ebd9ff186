using System.IO.Compression;
using System.Text;

namespace Samovar.Bench.Transport;

/// <summary>
/// The floor of what a conversation sends: the text that its turns add and nothing around it, as it is and in one deflated stream whose
/// window goes on from turn to turn, as that of a WebSocket does.
/// </summary>
internal sealed class ContentMeter : IDisposable
{
    private readonly MemoryStream _packed = new();
    private readonly DeflateStream _deflating;
    private long _taken;

    public ContentMeter() => _deflating = new DeflateStream(_packed, CompressionLevel.Optimal, leaveOpen: true);

    /// <summary>What a turn adds.</summary>
    public ContentAmounts Add(params IEnumerable<string> texts)
    {
        var bytes = 0L;
        foreach (var text in texts)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            _deflating.Write(utf8);
            bytes += utf8.Length;
        }
        _deflating.Flush();
        var deflated = _packed.Length - _taken;
        _taken = _packed.Length;
        return new ContentAmounts(bytes, deflated);
    }

    public void Dispose()
    {
        _deflating.Dispose();
        _packed.Dispose();
    }
}

/// <summary>Bytes of new text.</summary>
internal readonly record struct ContentAmounts(long Bytes, long Deflated);
