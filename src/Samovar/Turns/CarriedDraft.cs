using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>
/// An item of a kind that is only carried, such as a hosted tool's call: what happens to it is reported in the upstream's words.
/// </summary>
internal sealed class CarriedDraft(string id, RawJson begun, int index, Action<ResponseEvent> publish) : ItemDraft(id, index, publish)
{
    public override void Begin() => Publish(new ResponseEvent.OutputItemAdded(Index, begun));

    public override void Close(Item? whole) { }

    /// <summary>The upstream's final form takes its place; without one the item ends as it began.</summary>
    public override Item Make(ItemStatus status) => ItemReader.ReadOrKeep(begun, ProtocolLimits.Peer);
}
