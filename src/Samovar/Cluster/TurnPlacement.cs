using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>Decides where a turn runs that continues a stored chain.</summary>
/// <remarks>
/// Two nodes may believe that a chain is theirs; the rows alone decide. A tree of responses has an owner, which is one life of a node,
/// and an epoch that each claim raises. An append names the epoch that its turn began under, and changes nothing where that is over.
/// <para>
/// The node that has the client's connection is the only one that decides about a turn, and names its response. It sends the turn to the
/// owner together with the epoch that it read there. The owner runs it under that epoch or not at all: a copy that lay in a stopped
/// process while the tree was taken can never claim its way back, whatever has become of the taker meanwhile.
/// </para>
/// <para>
/// A relay that broke may have run. Sent to the same owner again, it joins what was begun there. When the tree was claimed, the former
/// owner's copy can no longer be appended: what is stored under the turn's name then is all that ever will be. So it is looked up; it is
/// told if it is there, and the turn runs if it is not. If the client has heard a part of an output that is stored nowhere, the turn
/// fails.
/// </para>
/// <para>
/// What was begun here is joined, also where its client asks for it here again: what is stored under its name may be about to be taken
/// back, and only the copy that was begun knows. A copy whose tree was taken from it is nothing any more.
/// </para>
/// <para>
/// An owner that the rows call alive and this node cannot reach is asked <see cref="RelaysFailedMax"/> times; then the tree is taken all
/// the same: two nodes that cannot see each other while all others see both must not stop a chain.
/// </para>
/// <para>
/// A turn that begins a chain has no rows that decide. It may be sent to a node that has more to spare, once (<see cref="NewChains"/>).
/// Where it may have begun there it runs nowhere else until that node has said that it does not run it and will not, or is dead by its row:
/// a tree is begun only by a life that its row does not call dead, so nothing of it can come after. Until then the turn is looked for
/// there, and in the rows; not for ever.
/// </para>
/// </remarks>
internal static class TurnPlacement
{
    /// <summary>Failed relays to one owner after which its tree is taken.</summary>
    public const int RelaysFailedMax = 2;

    /// <summary>How often a turn that begins a chain is looked for in vain at the node that was sent it.</summary>
    public const int OffersFailedMax = 8;

    /// <summary>How often one turn looks up its owner: claims that others won, relays, chains that were handed over.</summary>
    public const int LooksMax = 16;

    public static TurnPlace Decide(TurnFacts facts) => facts switch
    {
        { Standing: NodeState.Dead } => new TurnPlace.Refuse(PlaceRefusal.Dead),
        { Relayed: null, IsKnown: true } => new TurnPlace.Join(),
        { Relayed: { } relayed } => OfRelayed(facts, relayed),
        { Standing: NodeState.Draining } => new TurnPlace.Refuse(PlaceRefusal.Draining),
        { Course.Looks: > LooksMax } => new TurnPlace.Refuse(PlaceRefusal.Unsettled),
        _ => OfClient(facts),
    };

    private static TurnPlace OfClient(TurnFacts facts) => facts.Owner switch
    {
        TreeOwner.New => OfNew(facts),
        TreeOwner.Nobody(var epoch) => new TurnPlace.Claim(epoch, IsForced: false),
        TreeOwner.Held held when held.By == facts.Self => new TurnPlace.Here(held.Epoch, facts.Course.Past),
        TreeOwner.Held { Node: null or { State: NodeState.Dead } } held => new TurnPlace.Claim(held.Epoch, IsForced: false),
        TreeOwner.Held { Node: { } node } held => HasFailed(facts.Course, held.Epoch)
            ? new TurnPlace.Claim(held.Epoch, IsForced: true) : new TurnPlace.Relay(node, held.Epoch),
        TreeOwner.Unknown => new TurnPlace.Refuse(PlaceRefusal.StoreAway),
        _ => throw new ArgumentOutOfRangeException(nameof(facts)),
    };

    private static TurnPlace OfNew(TurnFacts facts) => facts switch
    {
        { Course: { Past: TurnPast.None, Looks: 1 }, Spare: { } spare } => new TurnPlace.Relay(spare, 0),
        { Course: { Past: not TurnPast.None, RelaysFailed: >= OffersFailedMax }, Offered.State: not NodeState.Dead } =>
            new TurnPlace.Refuse(PlaceRefusal.Unsettled),
        { Course.Past: not TurnPast.None, Offered: { State: not NodeState.Dead } offered } => new TurnPlace.Relay(offered, 0),
        _ => new TurnPlace.Here(0, facts.Course.Past),
    };

    /// <summary>Hops end here: a relayed turn is never sent on, and claims nothing.</summary>
    private static TurnPlace OfRelayed(TurnFacts facts, RelayedTurn relayed)
    {
        if (facts.Owner is TreeOwner.Unknown) return new TurnPlace.Refuse(PlaceRefusal.StoreAway);
        if (relayed.Epoch == 0) return OfRelayedNew(facts, relayed);
        if (facts.Owner is not TreeOwner.Held held || held.By != facts.Self || held.Epoch != relayed.Epoch)
            return new TurnPlace.Refuse(PlaceRefusal.Moved);
        if (facts.IsKnown) return new TurnPlace.Join();
        if (facts.Standing == NodeState.Active) return new TurnPlace.Here(held.Epoch, facts.Course.Past);
        return relayed.IsTreeBusy ? new TurnPlace.Refuse(PlaceRefusal.Draining) : new TurnPlace.HandOver(held.Epoch);
    }

    /// <summary>One that may have come before is not refused for want of a stream: its sender has to know whether it is here. What is
    /// stored is told.</summary>
    private static TurnPlace OfRelayedNew(TurnFacts facts, RelayedTurn relayed) => facts switch
    {
        _ when !relayed.IsToSelf => new TurnPlace.Refuse(PlaceRefusal.Moved),
        { IsKnown: true } => new TurnPlace.Join(),
        { Owner: TreeOwner.Held { Epoch: 1 } held, Course.Past: not TurnPast.None } when held.By == facts.Self =>
            new TurnPlace.Here(1, facts.Course.Past),
        { Owner: not TreeOwner.New } => new TurnPlace.Refuse(PlaceRefusal.Moved),
        { Standing: not NodeState.Active } => new TurnPlace.Refuse(PlaceRefusal.Draining),
        { Course.Past: TurnPast.None } when !relayed.HasStream => new TurnPlace.Refuse(PlaceRefusal.Full),
        _ => new TurnPlace.Here(0, facts.Course.Past),
    };

    private static bool HasFailed(TurnCourse course, long epoch) =>
        course.RelaysFailed >= RelaysFailedMax && course.FailedEpoch == epoch;
}
