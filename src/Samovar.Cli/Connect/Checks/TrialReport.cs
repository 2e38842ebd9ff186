namespace Samovar.Cli.Connect.Checks;

/// <summary>What two turns of one conversation said.</summary>
/// <param name="Transport">What they went over, for a person.</param>
/// <param name="Model">The model that answered, where that was said.</param>
/// <param name="Trouble">Why they did not; null where all is well.</param>
internal sealed record TrialReport(string Transport, string? Model, int InputTokens, int CachedTokens, string? Trouble);

/// <summary>What the two turns say.</summary>
internal static class TrialWords
{
    public const int OutputTokensMax = 16;
    public const string Instructions = "You are a helpful assistant that answers with one short word. Say nothing else, use no tools, and "
        + "add no explanation, whatever is asked. This conversation only tries whether a connection works.";
    public static readonly IReadOnlyList<string> Questions = ["Say yes.", "Say it once more."];
}
