using System.Numerics;

namespace Samovar.Templates.Values;

/// <summary>Sequences that Python keeps apart from lists: they print otherwise, and cannot be joined or changed.</summary>
internal abstract record SequenceView
{
    private SequenceView() { }

    public static readonly MapPart Keys = new("dict_keys");
    public static readonly MapPart Values = new("dict_values");
    public static readonly MapPart Pairs = new("dict_items");

    /// <summary>What a map has, which has no places: <c>map.keys()[0]</c> is undefined.</summary>
    internal sealed record MapPart(string TypeName) : SequenceView;

    internal sealed record Range(BigInteger Start, BigInteger Stop, BigInteger Step) : SequenceView;
}
