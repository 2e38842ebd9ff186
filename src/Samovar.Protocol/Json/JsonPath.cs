using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Samovar.Protocol.Json;

/// <summary>Where a reader is, in the form that errors use: <c>input[0].content[1].text</c>. Costs nothing until it is asked for.</summary>
internal struct JsonPath
{
    /// <summary>Deeper places are named by their outermost segments.</summary>
    private const int SegmentsMax = 16;

    private Segments _segments;
    private int _count;

    public void Push(string name) => Push(new Segment(name, 0));
    public void Push(int index) => Push(new Segment(null, index));
    public void Pop() => _count--;

    public override readonly string ToString()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Math.Min(_count, SegmentsMax); i++)
        {
            var (name, index) = _segments[i];
            if (name is null) text.Append(CultureInfo.InvariantCulture, $"[{index}]");
            else text.Append(text.Length == 0 ? "" : ".").Append(name);
        }
        return text.ToString();
    }

    private void Push(Segment segment)
    {
        if (_count < SegmentsMax) _segments[_count] = segment;
        _count++;
    }

    private readonly record struct Segment(string? Name, int Index);

    [InlineArray(SegmentsMax)]
    private struct Segments { private Segment _first; }
}
