namespace Samovar.Engine.Retention;

/// <summary>Policies by name.</summary>
internal static class RetentionPolicies
{
    /// <summary>A policy that has learned nothing yet.</summary>
    public static IRetentionPolicy Create(string name) => name switch
    {
        RetentionNames.Recency => new RecencyPolicy(),
        RetentionNames.Timed => new TimedPolicy(),
        RetentionNames.Value => new ValuePolicy(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No retention policy has this name."),
    };
}
