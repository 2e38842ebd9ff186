using System.Globalization;

namespace Samovar.Cli.Prefixes;

/// <summary>Prefixes for a person.</summary>
internal static class PrefixText
{
    private const string None = "-";
    private static readonly string[] Heads =
        ["ID", "NAME", "MODEL", "ORIGIN", "STATUS", "TIER", "TOKENS", "SIZE", "SESSIONS", "RUNNING", "TURNS", "HITS", "LAST USED", "KEEP"];

    public static IEnumerable<string> Warmed(PrefixAnswer prefix)
    {
        yield return $"{prefix.Id}  {prefix.Name}".TrimEnd();
        var warmed = prefix.Warmed!;
        var from = warmed.CachedTokens > 0 ? $" ({warmed.From.Replace('_', ' ')})" : "";
        yield return Invariant($"{prefix.Tokens:N0} tokens of {prefix.Model}: {warmed.ComputedTokens:N0} computed, ")
            + Invariant($"{warmed.CachedTokens:N0} were there{from}; {Size(prefix.Bytes)} of memory.");
        if (prefix.KeepSeconds is { } keep) yield return $"It is kept for {Time(keep)} beyond its last use.";
    }

    public static IEnumerable<string> Lines(IReadOnlyList<PrefixAnswer> prefixes)
    {
        if (prefixes.Count == 0)
        {
            yield return "No prefixes are warm. 'samovar prefix warm FILE' warms one.";
            yield break;
        }
        string[][] rows = [Heads, .. prefixes.Select(Cells)];
        var widths = Heads.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows) yield return string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
    }

    private static string[] Cells(PrefixAnswer prefix) =>
    [
        prefix.Id, prefix.Name ?? None, prefix.Model, prefix.Origin, prefix.Status, prefix.Tier.Replace('_', ' '),
        Number(prefix.Tokens), Size(prefix.Bytes), Number(prefix.Users.Sessions), Number(prefix.Users.Running),
        Number(prefix.Turns), Number(prefix.Hits),
        prefix.LastUsedAt is { } at ? Invariant($"{DateTimeOffset.FromUnixTimeSeconds(at).UtcDateTime:yyyy-MM-dd HH:mm:ss}") : None,
        prefix.KeepSeconds is { } keep ? Time(keep) : None,
    ];

    private static string Number(long? count) => count is { } known ? Invariant($"{known:N0}") : None;

    private static string Time(long seconds) => seconds switch
    {
        _ when seconds % 86_400 == 0 => Invariant($"{seconds / 86_400}d"),
        _ when seconds % 3600 == 0 => Invariant($"{seconds / 3600}h"),
        _ when seconds % 60 == 0 => Invariant($"{seconds / 60}m"),
        _ => Invariant($"{seconds}s"),
    };

    private static string Size(long bytes) => Invariant($"{bytes / 1e6:N1} MB");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
