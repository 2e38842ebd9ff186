using System.Text.Json;

namespace Samovar.Grammars.Schemas;

/// <summary>A limit of a number, and whether the number may be equal to it.</summary>
internal readonly record struct NumberBound(decimal Value, bool IsExclusive);

/// <summary>What a JSON Schema asks for, as far as a grammar can hold a model to it.</summary>
internal sealed record Schema
{
    /// <summary>Where it is, for errors.</summary>
    public required string Path { get; init; }

    public JsonKinds Kinds { get; init; } = JsonKinds.All;

    /// <summary>From <c>enum</c> and <c>const</c>; null when any value will do.</summary>
    public IReadOnlyList<JsonElement>? Values { get; init; }

    public OrderedDictionary<string, Schema> Properties { get; init; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>For properties that are not declared; null when the schema does not say.</summary>
    public Schema? Additional { get; init; }

    public IReadOnlyList<Schema> PrefixItems { get; init; } = [];

    /// <summary>For the items after the prefix; null when the schema does not say.</summary>
    public Schema? Items { get; init; }

    public int ItemsMin { get; init; }

    public int? ItemsMax { get; init; }

    public int LengthMin { get; init; }

    public int? LengthMax { get; init; }

    public string? Pattern { get; init; }

    public string? Format { get; init; }

    public NumberBound? Lowest { get; init; }

    public NumberBound? Highest { get; init; }

    /// <summary>Digits that a number may have behind its point, from <c>multipleOf</c>; null when it does not say.</summary>
    public int? Places { get; init; }

    /// <summary>One of these must hold as well; empty when there is no choice.</summary>
    public IReadOnlyList<Schema> AnyOf { get; init; } = [];

    /// <summary>All of these must hold as well.</summary>
    public IReadOnlyList<Schema> AllOf { get; init; } = [];

    /// <summary>A JSON pointer into the document, with its <c>#</c>.</summary>
    public string? Reference { get; init; }

    /// <summary>Whether nothing at all is asked for.</summary>
    public bool IsAny => Kinds == JsonKinds.All && IsReferenceOnly && Reference is null;

    /// <summary>Whether nothing is asked for beside what the reference asks.</summary>
    public bool IsReferenceOnly => Kinds == JsonKinds.All && Values is null && Additional is null && Items is null
        && Properties.Count == 0 && Required.Count == 0 && PrefixItems.Count == 0 && AnyOf.Count == 0 && AllOf.Count == 0
        && ItemsMin == 0 && ItemsMax is null && LengthMin == 0 && LengthMax is null
        && Pattern is null && Format is null && Lowest is null && Highest is null && Places is null;
}
