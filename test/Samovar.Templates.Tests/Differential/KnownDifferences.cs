using System.Text.RegularExpressions;

namespace Samovar.Templates.Tests.Differential;

/// <summary>What differs on purpose or cannot be compared; docs/prompts.md gives the reasons.</summary>
internal static partial class KnownDifferences
{
    [GeneratedRegex("0x[0-9a-f]{9,}", RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    public static bool AreAlike(string template, string ours, string theirs)
    {
        if (string.Equals(ours, theirs, StringComparison.Ordinal))
            return true;
        if (ours.StartsWith("fault", StringComparison.Ordinal) && theirs.StartsWith("fault", StringComparison.Ordinal))
            return true;
        return Address().IsMatch(theirs);
    }
}
