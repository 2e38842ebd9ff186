using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Faults;

/// <summary>What is wrong with a key or its account where a provider calls it a bad request: the status that others have for it.</summary>
internal static class AccountFaults
{
    private const int BadRequest = 400, KeyRefused = 401, Unpaid = 402, Forbidden = 403;

    /// <summary>How their messages begin: they have no code of their own.</summary>
    private static readonly (string Beginning, int Status)[] Messages =
    [
        ("Your credit balance is too low", Unpaid), // Anthropic
        ("You have reached your specified API usage limits", Unpaid),
        ("This organization has been disabled", Forbidden),
        ("API key not valid", KeyRefused), // Google
        ("API key expired", KeyRefused),
        ("API Key not found", KeyRefused),
        ("User location is not supported", Forbidden),
        ("Incorrect API key provided", KeyRefused), // xAI
        ("Invalid API key", KeyRefused),
    ];

    /// <summary>The status as it is, or the one that the error should have had.</summary>
    /// <param name="status">0 if unknown.</param>
    /// <param name="details">As Google gives reasons.</param>
    public static int StatusOf(int status, string message, RawJson details)
    {
        if (status is not (BadRequest or 0)) return status;
        if (details.Elements().Exists(detail => detail.Text("reason"u8)?.StartsWith("API_KEY_", StringComparison.Ordinal) == true))
            return KeyRefused;
        foreach (var (beginning, meant) in Messages)
            if (message.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)) return meant;
        return status;
    }
}
