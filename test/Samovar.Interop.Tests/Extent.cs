namespace Samovar.Interop.Tests;

/// <summary>How much is run: where cases differ little, <c>ALL_CLIENTS=1</c> in the environment runs all of them.</summary>
internal static class Extent
{
    public static bool IsWhole { get; } = Environment.GetEnvironmentVariable("ALL_CLIENTS") is not null;
}
