using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>What a stored row says of the chain up to it: enough to add a row behind it, the chain left where it is.</summary>
/// <param name="Root">Where the chain begins.</param>
/// <param name="Depth">Rows from there to here.</param>
/// <param name="Items">Items of the chain, as whoever appended the row had it.</param>
/// <param name="Bytes">Bytes of memory that it held there.</param>
public sealed record ChainEnd(ResponseId Root, int Depth, RowKind Kind, int Items, long Bytes);
