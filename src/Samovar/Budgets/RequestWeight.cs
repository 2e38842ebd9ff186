namespace Samovar.Budgets;

/// <summary>What a request holds while its turn runs: its JSON, and its texts as they were read from it.</summary>
internal static class RequestWeight
{
    private const int Factor = 3; // UTF-8 once, and at most two bytes for each of its bytes as text

    public static long Of(long jsonBytes) => Factor * jsonBytes;
}
