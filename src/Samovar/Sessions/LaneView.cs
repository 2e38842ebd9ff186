using Samovar.Accounting;
using Samovar.Chains;
using Samovar.Protocol.Ids;

namespace Samovar.Sessions;

/// <summary>A lane as those who watch see it.</summary>
/// <param name="Newest">Its newest response, where that is still kept.</param>
internal sealed record LaneView(LaneId Id, LaneTally Tally, ChainNode? Newest);
