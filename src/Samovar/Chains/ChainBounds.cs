using Samovar.Protocol.Errors;

namespace Samovar.Chains;

/// <summary>How large a chain may become, whoever adds to it.</summary>
/// <param name="BytesMax">Bytes of memory that it holds.</param>
/// <param name="DepthMax">Its rows.</param>
/// <param name="ItemsMax">Its items.</param>
public sealed record ChainBounds(long BytesMax, int DepthMax, int ItemsMax)
{
    /// <exception cref="ApiException">The node makes its chain larger than one may be, and larger than another was.</exception>
    /// <param name="before">The end of the chain that the node's takes the place of: what makes it no larger is let through.</param>
    internal void Require(ChainNode node, ChainNode? before, string? param)
    {
        if (node.ChainBytes > Math.Max(BytesMax, before?.ChainBytes ?? 0))
            throw new ApiException(Errors.ChainTooLarge, [node.ChainBytes, BytesMax], param);
        if (node.Depth > Math.Max(DepthMax, before?.Depth ?? 0))
            throw new ApiException(Errors.ChainTooLong, [node.Depth, "responses", DepthMax], param);
        if (node.ChainItemCount > Math.Max(ItemsMax, before?.ChainItemCount ?? 0))
            throw new ApiException(Errors.ChainTooLong, [node.ChainItemCount, "items", ItemsMax], param);
    }
}
