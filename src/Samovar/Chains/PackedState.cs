namespace Samovar.Chains;

/// <summary>A backend's memory of one response as bytes that another process can take up.</summary>
/// <param name="Kind">Whose it is.</param>
/// <param name="Bytes">Only its maker reads them, now and in any later version.</param>
public sealed record PackedState(string Kind, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Large parts that other conversations may have as well: each is stored once for a tenant.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Parts { get; init; } = [];
}
