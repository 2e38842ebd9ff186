namespace Samovar.Grammars.Schemas;

/// <summary>How much of a schema a grammar holds.</summary>
internal enum SchemaHold
{
    Whole,

    /// <summary>All but what no rule can hold.</summary>
    Loose,

    /// <summary>No more than its type: what is in it has no end, no value, or costs too much.</summary>
    Type,
}
