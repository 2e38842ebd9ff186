namespace Samovar.Protocol.Fields;

/// <summary>What becomes of a field at one kind of backend.</summary>
public enum FieldUse
{
    /// <summary>Done: by the server itself, or passed to the upstream in its own terms.</summary>
    Done,

    /// <summary>Sent to the upstream as it came.</summary>
    PassedOn,

    /// <summary>Sent as it came to providers; engines do not know it, and there it is left out and named.</summary>
    ForProviders,

    /// <summary>Sent as it came to engines, which have such fields of their own; to providers it is not sent, and named.</summary>
    ForEngines,

    /// <summary>Sent as it came to another Samovar, whose extension it is; elsewhere it is left out and named.</summary>
    ForSamovar,

    /// <summary>Left out, and named among the <c>dropped</c> of the request's record.</summary>
    Named,

    /// <summary>Refused: what it asks for would silently not happen.</summary>
    Refused,
}

/// <summary>One column for each kind of backend.</summary>
public sealed record FieldUses(FieldUse Embedded, FieldUse Responses, FieldUse Chat, FieldUse Messages)
{
    /// <summary>Done everywhere: read here, or of no matter to a backend.</summary>
    internal static readonly FieldUses Here = new(FieldUse.Done);

    /// <summary>Refused as soon as it is read.</summary>
    internal static readonly FieldUses Nowhere = new(FieldUse.Refused);
    internal static readonly FieldUses Sampling = new(FieldUse.Done, FieldUse.PassedOn, FieldUse.PassedOn, FieldUse.Done);
    internal static readonly FieldUses OfEngines = new(FieldUse.Done, FieldUse.PassedOn, FieldUse.PassedOn, FieldUse.ForEngines);

    /// <summary>The same everywhere.</summary>
    private FieldUses(FieldUse everywhere) : this(everywhere, everywhere, everywhere, everywhere) { }
}
