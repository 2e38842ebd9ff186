using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Samovar.Templates.Values;

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
        (not null, not null) when Numbers.IsNumber(x) && Numbers.IsNumber(y) => Numbers.Compare(x, y) == 0,
        _ => ReferenceEquals(x, y),
    };

    public int GetHashCode([DisallowNull] TemplateValue obj) => obj switch
    {
        TemplateValue.Text text => string.GetHashCode(text.Value, StringComparison.Ordinal),
        TemplateValue.None => 1,
        TemplateValue.Undefined => 2,
        _ when !IsKey(obj) => throw new TemplateException($"A value of type {PythonText.TypeName(obj)} cannot be a key."),
        TemplateValue.List tuple => tuple.Items.Aggregate(tuple.Items.Count, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        _ when Numbers.Whole(obj) is { } whole => whole.GetHashCode(),
        TemplateValue.Float number when Math.Floor(number.Value) == number.Value && double.IsFinite(number.Value) =>
            new BigInteger(number.Value).GetHashCode(),
        TemplateValue.Float number => number.Value.GetHashCode(),
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj),
    };
}
