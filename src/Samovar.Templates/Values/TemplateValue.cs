using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Samovar.Templates.Values;

/// <summary>A value inside a chat template, with the meaning Python gives it. A closed union.</summary>
internal abstract record TemplateValue
{
    private TemplateValue() { }

    public static implicit operator TemplateValue(string text) => new Text(text);

    public static implicit operator TemplateValue(bool flag) => Bool.Of(flag);

    internal sealed record None : TemplateValue
    {
        public static readonly None Value = new();

        private None() { }
    }

    /// <summary>What an unknown name or key gives: empty when printed or walked, an error when used otherwise.</summary>
    internal sealed record Undefined(string Name) : TemplateValue
    {
        /// <summary>Whether it is a variable that is yet to be set: a block apart looks for it where its template was given it.</summary>
        public bool IsUnset { get; init; }

        /// <summary>The fault of a use that needs a value.</summary>
        public TemplateException Fault() => new($"'{Name}' is undefined.");
    }

    internal sealed record Bool : TemplateValue
    {
        public static readonly Bool True = new(true);
        public static readonly Bool False = new(false);

        private Bool(bool value) => Value = value;

        public bool Value { get; }

        public static Bool Of(bool value) => value ? True : False;
    }

    internal sealed record Int(long Value) : TemplateValue
    {
        public static TemplateValue Of(BigInteger value) =>
            value >= long.MinValue && value <= long.MaxValue ? new Int((long)value) : new LargeInt(value);
    }

    /// <summary>A whole number that <see cref="Int"/> cannot hold. Made by <see cref="Int.Of"/> alone.</summary>
    internal sealed record LargeInt(BigInteger Value) : TemplateValue;

    /// <summary>A number with a fraction, or a whole one as JSON wrote it; <paramref name="Source"/> is its text in JSON.</summary>
    internal sealed record Float(double Value, string? Source = null) : TemplateValue;

    /// <summary>A text. One that is markup has been escaped: what is joined to it is escaped first.</summary>
    internal sealed record Text(string Value, bool IsMarkup = false) : TemplateValue
    {
        public static readonly Text Empty = new("");
    }

    /// <summary>A list or a tuple. One that came from outside is frozen: a render must not change what its caller keeps.</summary>
    internal sealed record List(List<TemplateValue> Items, bool IsTuple = false, bool IsFrozen = false) : TemplateValue
    {
        /// <summary>Set where this is no list of its own: a range, or what a map has.</summary>
        public SequenceView? View { get; init; }

        /// <summary>A pair that <c>groupby</c> made, whose parts have names.</summary>
        public bool IsGroup { get; init; }

        public static List Tuple(params TemplateValue[] items) => new([.. items], IsTuple: true);
    }

    /// <summary>What a filter gives item by item: it is walked once, and has no length and no places.</summary>
    internal sealed record Stream(IEnumerator<TemplateValue> Items) : TemplateValue;

    /// <summary>A dict, in the order of its keys' arrival.</summary>
    internal sealed record Map(MapEntries Entries, bool IsFrozen = false) : TemplateValue
    {
        /// <summary>A map whose keys are all texts.</summary>
        public Map(OrderedDictionary<string, TemplateValue> entries, bool IsFrozen = false)
            : this(MapEntries.From(entries), IsFrozen) { }

        /// <summary>A frozen map for a caller to hand in, such as one message.</summary>
        public static Map Of(params ReadOnlySpan<(string Key, TemplateValue Value)> entries)
        {
            var map = new MapEntries(entries.Length);
            foreach (var (key, value) in entries)
                map[key] = value;
            return new Map(map, IsFrozen: true);
        }
    }

    /// <summary>What <c>namespace()</c> gives: the one thing whose attributes a template may set from inside a loop.</summary>
    internal sealed record Namespace(MapEntries Attributes) : TemplateValue;

    /// <summary>What <c>cycler()</c> gives, by the names of its attributes.</summary>
    internal sealed record Attributed(string TypeName, Func<string, TemplateValue?> Find) : TemplateValue;

    /// <summary>What may be called. The one case with a type outside: <see cref="TemplateFunction"/> knows how calls are made.</summary>
    internal abstract record Callable(string Name) : TemplateValue;
}

/// <summary>The entries of a map, by keys that are equal where Python has them equal: <c>1</c>, <c>1.0</c> and <c>true</c> are one
/// key.</summary>
internal sealed class MapEntries(int capacity = 0) : OrderedDictionary<TemplateValue, TemplateValue>(capacity, KeyEquality.Instance)
{
    public static MapEntries From(IReadOnlyCollection<KeyValuePair<string, TemplateValue>> entries)
    {
        var map = new MapEntries(entries.Count);
        foreach (var (key, value) in entries)
            map[new TemplateValue.Text(key)] = value;
        return map;
    }

    public static MapEntries From(MapEntries entries)
    {
        var map = new MapEntries(entries.Count);
        foreach (var (key, value) in entries)
            map[key] = value;
        return map;
    }

    public TemplateValue? Find(string name) => TryGetValue(new TemplateValue.Text(name), out var value) ? value : null;
}

/// <summary>Which values are the same key; lists, maps and tuples of them cannot be keys.</summary>
internal sealed class KeyEquality : IEqualityComparer<TemplateValue>
{
    public static readonly KeyEquality Instance = new();

    private const int DepthMax = 100;

    public static bool IsKey(TemplateValue value, int depth = 0) => value switch
    {
        TemplateValue.List { IsTuple: true } tuple => depth < DepthMax && tuple.Items.TrueForAll(item => IsKey(item, depth + 1)),
        TemplateValue.List list => list.View is SequenceView.Range,
        TemplateValue.Map => false,
        _ => true,
    };

    public bool Equals(TemplateValue? x, TemplateValue? y) => (x, y) switch
    {
        (TemplateValue.Text a, TemplateValue.Text b) => string.Equals(a.Value, b.Value, StringComparison.Ordinal),
        (TemplateValue.None, TemplateValue.None) or (TemplateValue.Undefined, TemplateValue.Undefined) => true,
        (TemplateValue.List a, TemplateValue.List b) => a.IsTuple == b.IsTuple && a.Items.SequenceEqual(b.Items, this),
        (not null, not null) when NumberOf(x) is { } a && NumberOf(y) is { } b => a.Equals(b),
        _ => ReferenceEquals(x, y),
    };

    public int GetHashCode([DisallowNull] TemplateValue obj) => obj switch
    {
        TemplateValue.Text text => string.GetHashCode(text.Value, StringComparison.Ordinal),
        TemplateValue.None => 1,
        TemplateValue.Undefined => 2,
        _ when !IsKey(obj) => throw new TemplateException("A list or a map cannot be a key."),
        TemplateValue.List tuple => tuple.Items.Aggregate(tuple.Items.Count, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        _ when NumberOf(obj) is { } number => number.GetHashCode(),
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj),
    };

    /// <summary>A number in the one form that equal numbers share; null for what is no number.</summary>
    private static object? NumberOf(TemplateValue value) => value switch
    {
        TemplateValue.Int whole => new BigInteger(whole.Value),
        TemplateValue.LargeInt large => large.Value,
        TemplateValue.Bool flag => flag.Value ? BigInteger.One : BigInteger.Zero,
        TemplateValue.Float number when double.IsFinite(number.Value) && Math.Floor(number.Value) == number.Value =>
            new BigInteger(number.Value),
        TemplateValue.Float number => number.Value,
        _ => null,
    };
}
