using System.Globalization;

namespace Samovar.Server.Settings;

/// <summary>How far a known path is from the one that was written, and how it reads with the numbers that were written.</summary>
/// <param name="Steps">How much the places differ that the two stand in.</param>
/// <param name="Slips">How much their last names differ.</param>
internal readonly record struct PathDistance(int Steps, int Slips, IReadOnlyList<string> Parts) : IComparable<PathDistance>
{
    // What was left out is more likely than what was written for nothing.
    private const int OtherNumber = 1, NearName = 1, LeftOut = 2, WrittenForNothing = 3;

    /// <summary>A name that is only near counts where its place is near, too.</summary>
    private const int NearPlaceMax = WrittenForNothing;

    /// <summary>A near name weighs as much as a level.</summary>
    private int Weight => Slips == 0 ? Steps : Steps + LeftOut;

    /// <returns>Null where nothing says that it was meant.</returns>
    public static PathDistance? Between(IReadOnlyList<string> written, KnownPath known)
    {
        if (NearNames.SlipsBetween(written[^1], known.Name) is not { } slips) return null;
        var (steps, parts) = Between(Level.Of(written), Level.Of(known.Parts));
        return slips > 0 && steps > NearPlaceMax ? null : new PathDistance(steps, slips, [.. parts, known.Name]);
    }

    public int CompareTo(PathDistance other) => (Weight, Slips).CompareTo((other.Weight, other.Slips));

    private static (int Steps, List<string> Parts) Between(List<Level> written, List<Level> known)
    {
        var table = new (int Steps, List<string> Parts)[written.Count + 1, known.Count + 1];
        for (var row = 0; row <= written.Count; row++)
            for (var column = 0; column <= known.Count; column++)
                table[row, column] = (row, column) == (0, 0) ? (0, [])
                    : Ways(table, row, column, written, known).MinBy(static way => way.Steps);
        return table[written.Count, known.Count];
    }

    private static IEnumerable<(int Steps, List<string> Parts)> Ways(
        (int Steps, List<string> Parts)[,] table, int row, int column, List<Level> written, List<Level> known)
    {
        if (row > 0 && column > 0 && written[row - 1].DistanceTo(known[column - 1]) is { } distance)
        {
            var (steps, parts) = table[row - 1, column - 1];
            yield return (steps + distance, [.. parts, .. known[column - 1].With(written[row - 1].Number)]);
        }
        if (row > 0) yield return (table[row - 1, column].Steps + WrittenForNothing, table[row - 1, column].Parts);
        if (column > 0)
            yield return (table[row, column - 1].Steps + LeftOut, [.. table[row, column - 1].Parts, .. known[column - 1].With(null)]);
    }

    /// <summary>An object that a setting stands in, or an entry of a list of them.</summary>
    private sealed record Level(string Name, string? Number)
    {
        /// <summary>All but the path's last name.</summary>
        public static List<Level> Of(IReadOnlyList<string> parts)
        {
            var levels = new List<Level>();
            foreach (var part in parts.Take(parts.Count - 1))
                if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)) levels.Add(new Level(part, null));
                else if (levels is [.., { Number: null } last]) levels[^1] = last with { Number = part };
                else levels.Add(new Level("", part));
            return levels;
        }

        public int? DistanceTo(Level known) => NearNames.SlipsBetween(Name, known.Name) is not { } slips ? null
            : (slips == 0 ? 0 : NearName) + (Number is null == known.Number is null ? 0 : OtherNumber);

        public IEnumerable<string> With(string? number) => Number is null ? [Name] : [Name, number ?? Number];
    }
}
