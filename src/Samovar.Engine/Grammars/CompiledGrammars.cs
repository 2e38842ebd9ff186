namespace Samovar.Engine.Grammars;

/// <summary>Compiled grammars by their text, the least recently used leave first. Safe for all threads.</summary>
/// <param name="bytesMax">Bytes that all of them may hold; one that is used stays with its turns beyond that.</param>
internal sealed class CompiledGrammars(long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, CompiledGrammar Grammar)>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, CompiledGrammar Grammar)> _newestFirst = [];
    private long _bytes;

    public CompiledGrammar? Find(string key)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var node)) return null;
            _newestFirst.Remove(node);
            _newestFirst.AddFirst(node);
            return node.Value.Grammar;
        }
    }

    /// <summary>Keeps a grammar; where another thread was faster, that one's counts.</summary>
    public CompiledGrammar Keep(string key, CompiledGrammar grammar)
    {
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out var known)) return known.Value.Grammar;
            _byKey[key] = _newestFirst.AddFirst((key, grammar));
            _bytes += BytesOf(key, grammar);
            while (_bytes > bytesMax && _newestFirst.Last is { } oldest && !ReferenceEquals(oldest.Value.Grammar, grammar))
            {
                _newestFirst.Remove(oldest);
                _byKey.Remove(oldest.Value.Key);
                _bytes -= BytesOf(oldest.Value.Key, oldest.Value.Grammar);
            }
            return grammar;
        }
    }

    private static long BytesOf(string key, CompiledGrammar grammar) => grammar.BytesMax + sizeof(char) * (long)key.Length;
}
