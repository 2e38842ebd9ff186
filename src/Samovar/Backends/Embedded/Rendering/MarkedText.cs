using System.Text;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Rendered text without its marks, and where they were.</summary>
/// <param name="Text">What is tokenised.</param>
/// <param name="Marks">Places in it, ascending: something from outside is on one side of each.</param>
internal readonly record struct MarkedText(string Text, IReadOnlyList<int> Marks)
{
    public static MarkedText Read(string rendered)
    {
        var at = rendered.AsSpan().IndexOfAny(HostMarks.Cut, HostMarks.Escape);
        if (at < 0) return new MarkedText(rendered, []);
        var (text, marks) = (new StringBuilder(rendered.Length), new List<int>());
        var from = 0;
        while (at >= 0)
        {
            text.Append(rendered, from, at - from);
            from = at + 1;
            if (rendered[at] == HostMarks.Cut) marks.Add(text.Length);
            else if (from < rendered.Length && HostMarks.Is(rendered[from])) text.Append(rendered[from++]);
            else text.Append(rendered[at]); // a template has parted it from what it escaped
            var next = rendered.AsSpan(from).IndexOfAny(HostMarks.Cut, HostMarks.Escape);
            at = next < 0 ? -1 : from + next;
        }
        return new MarkedText(text.Append(rendered, from, rendered.Length - from).ToString(), marks);
    }

    /// <summary>Where the text is cut, so that no spelling stands over a mark.</summary>
    public IReadOnlyList<int> Cuts(StructureSpellings structure)
    {
        var cuts = new List<int>();
        foreach (var mark in Marks)
            if (structure.Covers(Text, mark, cuts.Count == 0 ? 0 : cuts[^1])) cuts.Add(mark);
        return cuts;
    }
}
