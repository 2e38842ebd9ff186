using System.Collections;

namespace Samovar.Server.Page;

/// <summary>A list that equals another one of the same content, so that records which have lists can be compared.</summary>
internal sealed class ListOf<T>(T[] items) : IReadOnlyList<T>
{
    public static readonly ListOf<T> Empty = new([]);

    private readonly T[] _items = items;

    public T this[int index] => _items[index];
    public int Count => _items.Length;
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    public override bool Equals(object? obj) => obj is ListOf<T> other && other._items.AsSpan().SequenceEqual(_items);
    public override int GetHashCode() => _items.Length == 0 ? 0 : HashCode.Combine(_items.Length, _items[^1]);
}

/// <summary>Amounts by name that equal others of the same content.</summary>
internal sealed class AmountsOf(params (string Name, long Amount)[] amounts) : IReadOnlyDictionary<string, long>
{
    private readonly (string Name, long Amount)[] _amounts = amounts;

    public long this[string key] => TryGetValue(key, out var amount) ? amount : throw new KeyNotFoundException(key);
    public IEnumerable<string> Keys => _amounts.Select(static one => one.Name);
    public IEnumerable<long> Values => _amounts.Select(static one => one.Amount);
    public int Count => _amounts.Length;
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, out long value)
    {
        foreach (var (name, amount) in _amounts)
        {
            if (name != key) continue;
            value = amount;
            return true;
        }
        value = 0;
        return false;
    }

    public IEnumerator<KeyValuePair<string, long>> GetEnumerator() =>
        _amounts.Select(static one => new KeyValuePair<string, long>(one.Name, one.Amount)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    public override bool Equals(object? obj) => obj is AmountsOf other && other._amounts.AsSpan().SequenceEqual(_amounts);
    public override int GetHashCode() => _amounts.Length;
}
