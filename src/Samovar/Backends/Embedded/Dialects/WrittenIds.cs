using System.Text.RegularExpressions;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Ids that models write for their calls.</summary>
internal static partial class WrittenIds
{
    /// <summary>Whether clients may be given it as a call's id.</summary>
    public static bool IsValid(string id) => Valid().IsMatch(id);

    [GeneratedRegex(@"^(?=.*[A-Za-z])[A-Za-z0-9_.:\-]{6,64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Valid();
}
