using System.Buffers;

namespace Samovar.Engine.Tokens;

/// <summary>Tokens as they are found, in a pooled array that grows.</summary>
internal sealed class TokenBuffer
{
    private int[] _tokens = [];

    public int Count { get; set; }

    public void Add(int token)
    {
        Room(1)[0] = token;
        Count++;
    }

    /// <summary>Room for that many more after those that count.</summary>
    public Span<int> Room(int tokens)
    {
        if (_tokens.Length - Count < tokens)
        {
            var larger = ArrayPool<int>.Shared.Rent(Math.Max(Count + tokens, _tokens.Length * 2));
            _tokens.AsSpan(0, Count).CopyTo(larger);
            Return();
            _tokens = larger;
        }
        return _tokens.AsSpan(Count);
    }

    public int[] ToArray() => _tokens.AsSpan(0, Count).ToArray();

    /// <summary>Gives the array back; nothing may be read from it afterwards.</summary>
    public void Return()
    {
        if (_tokens.Length > 0) ArrayPool<int>.Shared.Return(_tokens);
        _tokens = [];
    }
}
