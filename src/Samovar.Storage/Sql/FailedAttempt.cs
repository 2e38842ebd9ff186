namespace Samovar.Storage.Sql;

/// <summary>Why a try to write several writes in one transaction came to nothing.</summary>
internal sealed record FailedAttempt(Exception Cause, WriteAttempt Attempt)
{
    /// <summary>The write at fault, where that is known.</summary>
    public int? At { get; init; }

    /// <summary>Of one that took too long: what is left of it.</summary>
    public Task<(SqlSession Session, int[] Changed)>? Late { get; init; }

    /// <summary>Once it has ended without success: it had not come to its commit.</summary>
    public bool IsTakenBack => !Attempt.IsCommitting;
}
