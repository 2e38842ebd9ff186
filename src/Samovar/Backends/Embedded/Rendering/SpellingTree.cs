namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Texts as a tree of their characters: which of them stand at a place is one walk, however many there are.</summary>
internal sealed class SpellingTree
{
    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<bool> _ends = [false];

    public SpellingTree(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            if (text.Length == 0) continue;
            var node = 0;
            foreach (var next in text)
            {
                if (!_edges.TryGetValue((node, next), out var edge))
                {
                    _edges[(node, next)] = edge = _ends.Count;
                    _ends.Add(false);
                }
                node = edge;
            }
            _ends[node] = true;
            LengthMax = Math.Max(LengthMax, text.Length);
        }
    }

    public int LengthMax { get; }

    /// <summary>The length of the longest text at this place; 0 where none stands there.</summary>
    public int LongestAt(ReadOnlySpan<char> text) => Walk(text, out _);

    /// <summary>Whether all of this is the beginning of a text, or one of them.</summary>
    public bool Begins(ReadOnlySpan<char> text)
    {
        Walk(text, out var taken);
        return taken == text.Length;
    }

    private int Walk(ReadOnlySpan<char> text, out int taken)
    {
        var (node, longest) = (0, 0);
        for (taken = 0; taken < text.Length && _edges.TryGetValue((node, text[taken]), out node); taken++)
            if (_ends[node]) longest = taken + 1;
        return longest;
    }
}
