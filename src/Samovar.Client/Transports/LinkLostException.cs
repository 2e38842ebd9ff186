namespace Samovar.Client.Transports;

/// <summary>A way to the server ended, or could not be had; what was sent over it may have arrived.</summary>
/// <param name="wasNeverSent">Nothing of the request can have arrived.</param>
internal sealed class LinkLostException(string message, Exception? cause = null, bool wasNeverSent = false) : Exception(message, cause)
{
    public bool WasNeverSent { get; } = wasNeverSent;

    /// <summary>Whether the server says that it has begun nothing of what was sent.</summary>
    public bool TookNothing { get; init; }

    /// <summary>What was answered where a link was asked for.</summary>
    public int? Status { get; init; }

    /// <summary>When the server says to come back.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether it brought nothing for too long, and nobody says that it is gone.</summary>
    public bool IsSilence { get; init; }
}

/// <summary>The server has no WebSocket here.</summary>
internal sealed class NoSocketException(int status, string message, Exception? cause) : Exception(message, cause)
{
    public int Status { get; } = status;
    public TimeSpan? RetryAfter { get; init; }
}
