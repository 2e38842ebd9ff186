#if !NET9_0_OR_GREATER
using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Samovar.Protocol.Json;

/// <summary>What the framework has from .NET 9 on, as far as it is needed here: fields that keep their order.</summary>
internal sealed class OrderedDictionary<TKey, TValue>(IEqualityComparer<TKey> comparer) : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private readonly List<KeyValuePair<TKey, TValue>> _pairs = [];
    private readonly Dictionary<TKey, int> _places = new(comparer);

    public int Count => _pairs.Count;
    public IEnumerable<TKey> Keys => _pairs.Select(pair => pair.Key);

    public TValue this[TKey key]
    {
        get => _pairs[_places[key]].Value;
        set
        {
            if (_places.TryAdd(key, _pairs.Count)) _pairs.Add(new(key, value));
            else _pairs[_places[key]] = new(key, value);
        }
    }

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var isThere = _places.TryGetValue(key, out var place);
        value = isThere ? _pairs[place].Value : default;
        return isThere;
    }

    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => _pairs.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
#endif
