namespace Samovar.Engine.Retention;

/// <summary>Policies by name.</summary>
internal static class RetentionPolicies
{
    public const string Recency = "lru", Timed = "ttl", Value = "value";

    public static readonly IReadOnlyList<string> Names = [Recency, Timed, Value];

    /// <summary>A policy that has learned nothing yet.</summary>
    public static IRetentionPolicy Create(string name) => name switch
    {
        Recency => new RecencyPolicy(),
        Timed => new TimedPolicy(),
        Value => new ValuePolicy(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No retention policy has this name."),
    };
}
