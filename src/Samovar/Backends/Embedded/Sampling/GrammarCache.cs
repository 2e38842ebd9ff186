using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>Compiled grammars by what they were made from: a conversation demands the same form turn after turn.</summary>
/// <param name="charsMax">Characters of all grammars that are kept, and of their keys; the least recently used go first.</param>
internal sealed class GrammarCache(long charsMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _newestFirst = [];
    private long _chars;

    private readonly record struct Entry(string Key, string Gbnf)
    {
        public long Chars => Key.Length + Gbnf.Length; // a grammar may be empty: there is none, and that is kept, too
    }

    /// <summary>The grammar of this key, compiled where it is not kept. What <paramref name="compile"/> throws is not remembered.</summary>
    public string Get(string key, Func<string> compile)
    {
        lock (_gate)
            if (_byKey.TryGetValue(key, out var known))
            {
                _newestFirst.Remove(known);
                _newestFirst.AddFirst(known);
                return known.Value.Gbnf;
            }
        var gbnf = compile();
        lock (_gate) Keep(new Entry(key, gbnf));
        return gbnf;
    }

    private void Keep(Entry entry)
    {
        if (!_byKey.TryAdd(entry.Key, new LinkedListNode<Entry>(entry))) return; // two turns compiled it at once
        _newestFirst.AddFirst(_byKey[entry.Key]);
        _chars += entry.Chars;
        while (_chars > charsMax && _newestFirst.Last is { } oldest)
        {
            _newestFirst.RemoveLast();
            _byKey.Remove(oldest.Value.Key);
            _chars -= oldest.Value.Chars;
        }
    }
}

/// <summary>Puts a key together from everything that a grammar follows from.</summary>
internal sealed class GrammarKey : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public GrammarKey Add(ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length); // so that no two lists of parts look the same
        _hash.AppendData(length);
        _hash.AppendData(part);
        return this;
    }

    public GrammarKey Add(string? part) => part is null ? Add(false) : Add(true).Add(Encoding.UTF8.GetBytes(part));

    public GrammarKey Add(bool part) => Add([part ? (byte)1 : (byte)0]);

    public string End() => Convert.ToHexString(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
