using Samovar.Protocol.Errors;
using Samovar.Stores;

namespace Samovar.Chains;

/// <summary>Asks rows that outlive the process, and says in a client's terms that they cannot be reached now.</summary>
internal static class StoreCalls
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public static async ValueTask<T> AskAsync<T>(ValueTask<T> asking)
    {
        try { return await asking; }
        catch (StoreAwayException away) { throw Unavailable(away); }
    }

    public static async ValueTask AskAsync(ValueTask asking)
    {
        try { await asking; }
        catch (StoreAwayException away) { throw Unavailable(away); }
    }

    public static ApiException Unavailable(Exception? cause) =>
        new(Errors.StoreUnavailable, DurationText.Wait(RetryAfter), retryAfter: RetryAfter, cause: cause);
}
