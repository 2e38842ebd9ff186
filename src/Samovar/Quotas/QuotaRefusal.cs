namespace Samovar.Quotas;

/// <summary>Why a turn may not begin now.</summary>
/// <param name="Quota">Its name.</param>
/// <param name="Limit">What it is, in words.</param>
/// <param name="Wait">When a turn may begin, if nothing else comes.</param>
/// <param name="MayAsk">Whether the others may have left something.</param>
internal sealed record QuotaRefusal(string Quota, string Limit, TimeSpan Wait, bool MayAsk);

/// <summary>What quotas are called in key files and metrics.</summary>
internal static class QuotaNames
{
    public const string Requests = "requests_per_minute", Tokens = "tokens_per_minute", Turns = "turns_at_once";
}
