using System.Text;

namespace Samovar.Engine.Sampling;

/// <summary>What ends at a place of a search.</summary>
internal enum TextFound { None, Opening, Forbidden }

/// <summary>Finds texts in bytes as they come, as Aho and Corasick do. Never changes.</summary>
internal sealed class TextSearch
{
    /// <summary>Where nothing of any text is seen.</summary>
    public const int Start = 0;

    private readonly List<Node> _nodes = [new()];
    private readonly bool[] _begins = new bool[256]; // most bytes of an answer begin nothing

    public TextSearch(ForbiddenTexts texts)
    {
        foreach (var text in texts.Openings) Add(text, TextFound.Opening);
        foreach (var text in texts.Texts) Add(text, TextFound.Forbidden);
        var open = new Queue<int>([Start]);
        while (open.TryDequeue(out var at))
            foreach (var (one, child) in _nodes[at].Children)
            {
                if (at == Start) _begins[one] = true;
                else LinkBack(_nodes[child], _nodes[at].Back, one);
                open.Enqueue(child);
            }
    }

    /// <summary>The place behind one byte more.</summary>
    public int Next(int at, byte one)
    {
        while (true)
        {
            if (at == Start && !_begins[one]) return Start;
            if (_nodes[at].Children.TryGetValue(one, out var child)) return child;
            at = _nodes[at].Back;
        }
    }

    public TextFound Found(int at) => _nodes[at].Found;

    /// <summary>Whether a forbidden text ends within these bytes.</summary>
    public bool Forbids(int at, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            at = Next(at, one);
            if (_nodes[at].Found == TextFound.Forbidden) return true;
        }
        return false;
    }

    private void Add(string text, TextFound found)
    {
        var at = Start;
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            if (!_nodes[at].Children.TryGetValue(one, out var child))
            {
                _nodes[at].Children[one] = child = _nodes.Count;
                _nodes.Add(new Node());
            }
            at = child;
        }
        _nodes[at].Found = found;
    }

    /// <summary>From the longest end of a text's beginning that begins a text, too; what ends there ends here.</summary>
    private void LinkBack(Node node, int parentsBack, byte one)
    {
        node.Back = Next(parentsBack, one);
        if (_nodes[node.Back].Found > node.Found) node.Found = _nodes[node.Back].Found;
    }

    private sealed class Node
    {
        public Dictionary<byte, int> Children { get; } = [];
        public int Back { get; set; }
        public TextFound Found { get; set; }
    }
}
