namespace Samovar.Protocol.Responses;

/// <summary>How much of the request a Response object echoes.</summary>
public enum SnapshotKind
{
    /// <summary>Every field.</summary>
    Full,

    /// <summary>
    /// Every field is there, but <c>instructions</c> is null and <c>tools</c> is empty: for <c>created</c> and <c>in_progress</c>, whose
    /// full echo makes the downlink larger than the uplink, where the client asked for it.
    /// </summary>
    Slim,

    /// <summary>
    /// The same, and what only other protocols say: for the edge of another server of the cluster, which translates. Why the cache was
    /// missed is there from the beginning on, in this server's own words.
    /// </summary>
    Translated,
}
