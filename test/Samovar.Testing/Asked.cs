using System.Globalization;

namespace Samovar.Testing;

/// <summary>What the environment asks of a test that is played for longer by hand.</summary>
public static class Asked
{
    /// <summary>The number that a variable has; the usual one where it has none.</summary>
    public static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var asked)
            ? asked : usual;
}
