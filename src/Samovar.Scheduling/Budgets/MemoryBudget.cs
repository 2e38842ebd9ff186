namespace Samovar.Scheduling.Budgets;

/// <summary>All named shares of the memory that this process may hold, and what the machine has for them.</summary>
/// <param name="shares">The shares; their names are distinct.</param>
public sealed class MemoryBudget(IReadOnlyList<IByteShare> shares)
{
    public IReadOnlyList<IByteShare> Shares { get; } = shares;

    /// <summary>Bytes that all shares together may hold.</summary>
    public long BytesMax => Shares.Sum(share => share.BytesMax);

    /// <summary>Bytes that all shares together hold.</summary>
    public long Bytes => Shares.Sum(share => share.Bytes);

    /// <summary>What is wrong with the budget on a machine with so much memory; null when the shares fit.</summary>
    /// <param name="memoryBytes">What the machine or its cgroup has.</param>
    public string? FaultOn(long memoryBytes)
    {
        if (BytesMax <= memoryBytes) return null;
        var parts = string.Join(" + ", Shares.Select(share => $"{share.Name} {Mebibytes(share.BytesMax)}"));
        return $"The memory budget is larger than the memory: {parts} = {Mebibytes(BytesMax)} MiB of {Mebibytes(memoryBytes)} MiB.";
    }

    private static long Mebibytes(long bytes) => bytes >> 20;
}
