namespace Samovar.Engine.Retention;

/// <summary>Policies as <see cref="EngineOptions.Retention"/> names them.</summary>
internal static class RetentionNames
{
    public const string Recency = "lru", Timed = "ttl", Value = "value";

    public static readonly IReadOnlyList<string> All = [Recency, Timed, Value];
}
