namespace Samovar.Templates.Builtins;

/// <summary>How long one search by a regular expression may take.</summary>
internal static class RegexTime
{
    public const int MillisecondsMax = 2000;
}
