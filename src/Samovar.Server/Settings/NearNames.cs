namespace Samovar.Server.Settings;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearNames
{
    private const int LettersPerSlip = 3;

    /// <summary>The nearest of the known names; null where none is near.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        var (nearest, least) = ((string?)null, Math.Max(1, written.Length / LettersPerSlip) + 1);
        foreach (var name in known)
            if (Slips(written.ToUpperInvariant(), name.ToUpperInvariant()) is var slips && slips < least) (nearest, least) = (name, slips);
        return nearest;
    }

    /// <summary>How far a name is from a known one, however both are divided into words; null where it is not near.</summary>
    public static int? SlipsBetween(string written, string known)
    {
        var (left, right) = (Bare(written), Bare(known));
        return left == right ? 0
            : Slips(left, right) is var slips && slips <= Math.Max(1, Math.Max(left.Length, right.Length) / LettersPerSlip)
                ? slips : null;
    }

    /// <summary>A name's letters alone: <c>data_path</c>, <c>DATA-PATH</c> and <c>DataPath</c> are one.</summary>
    public static string Bare(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Letters left out, put in, changed, or changed places with their neighbour.</summary>
    private static int Slips(string left, string right)
    {
        var table = new int[left.Length + 1, right.Length + 1];
        for (var row = 0; row <= left.Length; row++) table[row, 0] = row;
        for (var column = 0; column <= right.Length; column++) table[0, column] = column;
        for (var row = 1; row <= left.Length; row++)
            for (var column = 1; column <= right.Length; column++)
            {
                var changed = table[row - 1, column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
                table[row, column] = Math.Min(changed, Math.Min(table[row - 1, column], table[row, column - 1]) + 1);
                if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1])
                    table[row, column] = Math.Min(table[row, column], table[row - 2, column - 2] + 1);
            }
        return table[left.Length, right.Length];
    }
}
