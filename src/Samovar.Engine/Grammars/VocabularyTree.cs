namespace Samovar.Engine.Grammars;

/// <summary>The vocabulary as a tree of bytes, in depth-first order: tokens that begin alike are looked at together. Never
/// changes.</summary>
/// <remarks>Tokens that end a generation, have no text or begin with a zero byte are not in it: no grammar admits them by their
/// text.</remarks>
internal sealed class VocabularyTree
{
    private readonly byte[] _bytes;
    private readonly int[] _depths, _behind, _tokensFrom, _tokens, _ends;

    public VocabularyTree(ITokenizer tokenizer)
    {
        VocabularySize = tokenizer.VocabularySize;
        var (spelled, ends) = (new List<(ReadOnlyMemory<byte> Piece, int Token)>(VocabularySize), new List<int>());
        for (var token = 0; token < VocabularySize; token++)
            if (tokenizer.IsEndOfGeneration(token)) ends.Add(token);
            else if (tokenizer.Piece(token, special: true) is { IsEmpty: false } piece && piece.Span[0] != 0) spelled.Add((piece, token));
        spelled.Sort((a, b) => a.Piece.Span.SequenceCompareTo(b.Piece.Span));
        (_tokens, _ends) = ([.. spelled.Select(one => one.Token)], [.. ends]);
        var (bytes, depths, behind, tokensFrom) = (new List<byte>(), new List<int>(), new List<int>(), new List<int>());
        var open = new List<int>();
        for (var index = 0; index < spelled.Count; index++)
        {
            var piece = spelled[index].Piece.Span;
            var shared = index == 0 ? 0 : piece.CommonPrefixLength(spelled[index - 1].Piece.Span);
            Close(shared);
            for (var at = shared; at < piece.Length; at++)
            {
                open.Add(bytes.Count);
                bytes.Add(piece[at]);
                depths.Add(at + 1);
                behind.Add(0);
                tokensFrom.Add(index);
            }
            DepthMax = Math.Max(DepthMax, piece.Length);
        }
        Close(0);
        (_bytes, _depths, _behind, _tokensFrom) = ([.. bytes], [.. depths], [.. behind], [.. tokensFrom]);

        void Close(int depth)
        {
            for (; open.Count > depth; open.RemoveAt(open.Count - 1)) behind[open[^1]] = bytes.Count;
        }
    }

    public int VocabularySize { get; }

    /// <summary>Nodes, the root apart.</summary>
    public int Count => _bytes.Length;

    public int DepthMax { get; }

    /// <summary>Tokens that end a generation.</summary>
    public ReadOnlySpan<int> Ends => _ends;

    public byte ByteOf(int node) => _bytes[node];

    /// <summary>1 for the first byte of a token.</summary>
    public int DepthOf(int node) => _depths[node];

    /// <summary>The node behind all that begin like this one.</summary>
    public int Behind(int node) => _behind[node];

    /// <summary>Tokens that end at a node.</summary>
    public ReadOnlySpan<int> TokensOf(int node)
    {
        var to = node + 1 < Count ? _tokensFrom[node + 1] : _tokens.Length;
        return _tokens.AsSpan(_tokensFrom[node], to - _tokensFrom[node]);
    }
}
