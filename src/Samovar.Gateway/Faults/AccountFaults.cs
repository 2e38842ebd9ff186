using System.Text.RegularExpressions;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Faults;

/// <summary>What is wrong with a key or its account where a provider calls it a bad request: the status that others have for it.</summary>
internal static partial class AccountFaults
{
    private const int KeyRefused = 401, Unpaid = 402, Forbidden = 403, TooMany = 429, MatchMilliseconds = 1000;

    /// <summary>Parts of codes and types, as <see cref="ErrorWords.Plain"/> has them.</summary>
    private static readonly (string Part, int Status)[] Names =
    [
        ("billing", Unpaid), ("arrear", Unpaid), ("budgetexceeded", Unpaid), ("insufficientbalance", Unpaid),
        ("insufficientcredit", Unpaid), ("insufficientfund", Unpaid),
        ("creditbalance", Unpaid), ("paymentrequired", Unpaid), ("expiredtoken", KeyRefused),
        ("tokenexpired", KeyRefused), ("unrecognizedclient", KeyRefused), ("invalidapikey", KeyRefused), ("apikeyinvalid", KeyRefused),
        ("apikeyexpired", KeyRefused), ("throttl", TooMany), ("toomanyrequests", TooMany),
    ];

    private static readonly string[] Owners = ["account", "organization", "organisation", "workspace", "apiaccess"];

    private static readonly string[] States =
    [
        "deactivated", "disabled", "suspended", "restricted", "blocked", "notactive", "inactive", "terminated", "closed", "overdue",
        "notverified", "unverified", "locked", "banned",
    ];

    /// <summary>The status as it is, or the one that the error should have had.</summary>
    /// <param name="status">0 if unknown.</param>
    /// <param name="details">As Google gives reasons.</param>
    public static int StatusOf(int status, string message, string? code, string? type, RawJson details)
    {
        if (status is not (0 or 400 or 403 or 404 or 422 or TooMany)) return status;
        if ((OfName(code) ?? OfName(type)) is { } named) return named;
        if (status == TooMany) return status; // in words an account that is spent for a minute is told as one that is spent
        if (details.Elements().Exists(detail => detail.Text("reason"u8)?.StartsWith("API_KEY_", StringComparison.Ordinal) == true))
            return KeyRefused;
        return UnpaidWords().IsMatch(message) ? Unpaid
            : KeyWords().IsMatch(message) ? KeyRefused
            : ForbiddenWords().IsMatch(message) ? Forbidden
            : status;
    }

    private static int? OfName(string? name)
    {
        if (name is null) return null;
        var plain = ErrorWords.Plain(name);
        foreach (var (part, status) in Names)
            if (plain.Contains(part, StringComparison.Ordinal)) return status;
        return Array.Exists(Owners, plain.Contains) && Array.Exists(States, plain.Contains) ? Forbidden : null;
    }

    /// <summary>How messages begin that have no code of their own: what a request says may stand behind that.</summary>
    [GeneratedRegex(@"^(your|this|the)( \w+){0,2} (credits?|balance|billing|budget)\b.{0,60}\b(too low|insufficient|exhausted|exceeded"
            + "|depleted|not active|inactive)"
        + @"|^you (have |do not have |don't have |'ve )?(insufficient|no|run out of|enough|reached|exceeded|used up|hit)( \w+){0,4} "
            + @"(credits?|balance|funds|quota|usage limits?|spend(ing)? limits?)\b"
        + @"|^(insufficient|not enough)( \w+)? (credits?|balance|funds)|^(budget has been exceeded|exceeded ?budget|payment required"
            + "|billing (is not active|hard limit))|^access denied, please make sure your account is in good standing",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex UnpaidWords();

    [GeneratedRegex(@"^((the|your|this) )?(provided )?api key( \S{1,100})? (is |was |has )?(been )?(not valid|not found|invalid|expired"
            + "|revoked|disabled|deleted)"
        + "|^(incorrect|invalid|expired|unknown) api key|^the security token included in the request is (expired|invalid)",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex KeyWords();

    [GeneratedRegex(@"^(your|this|the)( \w+){0,2} (account|organi[sz]ation|team|project|workspace|subscription|credential)"
            + @"( \S{1,100}){0,9}? (disabled"
            + "|deactivated|suspended|blocked|restricted|terminated|expired|revoked|closed|locked|banned|overdue|inactive"
            + "|not (yet )?(active|activated|verified|authorized)|(must|needs to) be verified|only authorized)"
        + "|^user location is not supported",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex ForbiddenWords();
}
