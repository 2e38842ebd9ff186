using System.Diagnostics;
using Samovar.Backends;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Chooses a destination for a turn: the one that holds the chain, else the one that knows the conversation, else the least loaded.
/// </summary>
/// <remarks>
/// A conversation stays where it is until that destination is saturated, pausing or unfit; then it is let go with a reason, and stays
/// where it went.
/// The run of an agent (its session) counts less than the conversation: a new sub-agent follows it only to a destination that is not
/// busier than others.
/// </remarks>
/// <param name="isOneOfSeveral">Whether other nodes choose among the same destinations, so that they should choose alike.</param>
internal sealed class DestinationChoice(AffinityMap affinity, SealedItems sealedItems, Random random, bool isOneOfSeveral = false)
{
    private const double SameLoad = 1e-9;
    private const string Owner = "owner";

    /// <param name="awaitsOwner">Whether a chain's owner that is only busy is waited for rather than let go.</param>
    public DestinationRoute Choose(Pool pool, RouteRequest wanted, bool awaitsOwner)
    {
        if (wanted.BoundTo is { } maker) return OfMaker(pool, wanted, maker);
        var (turn, model, excluded, _, isSealed) = wanted;
        var refusals = new List<Refusal>();
        var (candidates, overdue) = Candidates(pool, model, excluded, isSealed);
        string? letGo = null;
        foreach (var (name, source, isWeak) in Preferences(turn, model))
        {
            if (Named(candidates, name) is not { } known)
            {
                letGo ??= source + (excluded.Contains(name) ? ":failed" : ":gone");
                continue;
            }
            if (overdue.Contains(known) && HasOther(candidates, overdue))
            {
                letGo ??= $"{source}:overdue";
                continue;
            }
            if (isWeak && Load(known) > candidates.Min(Load) + SameLoad) continue;
            switch (Admit(known, pool, wanted))
            {
                case Admission.Granted granted:
                    var found = letGo is null ? source : $"{letGo},{source}";
                    return new DestinationRoute.To(known, known.ModelFor(model)!, granted.Place, found);
                case Admission.Refused { Refusal: { Answer: { } answer } asks }: return new DestinationRoute.Asking(asks, answer);
                case Admission.Refused { Refusal: { Reason: RefusalReason.InFlight or RefusalReason.Share } busy }
                    when awaitsOwner && source == Owner:
                    return new DestinationRoute.OwnerBusy(busy);
                case Admission.Refused refused:
                    letGo ??= $"{source}:{RefusalNames.Of(refused.Refusal.Reason)}";
                    refusals.Add(refused.Refusal);
                    candidates.Remove(known);
                    break;
            }
        }
        if (overdue.Count > 0)
        {
            overdue.RemoveAll(destination => !candidates.Contains(destination));
            candidates.RemoveAll(overdue.Contains); // they come last
        }
        return LeastLoaded(candidates, pool, wanted, letGo ?? "new", refusals)
            ?? LeastLoaded(overdue, pool, wanted, letGo ?? "new", refusals) ?? new DestinationRoute.Nowhere(refusals);
    }

    private static (List<Destination> All, List<Destination> Overdue) Candidates(
        Pool pool, string model, IReadOnlySet<string> excluded, bool isSealed)
    {
        var (all, overdue, lacking) = (new List<Destination>(pool.Destinations.Count), new List<Destination>(), 0);
        for (var index = 0; index < pool.Destinations.Count; index++)
        {
            var destination = pool.Destinations[index];
            if (destination.ModelFor(model) is null || excluded.Contains(destination.Name)) continue;
            if (isSealed && !SealedItems.MayOpen(destination)) continue;
            all.Add(destination);
            if (destination.Lacks(model)) lacking++;
            if (OverdueTurns.IsAt(destination, pool)) overdue.Add(destination);
        }
        if (lacking == 0 || lacking == all.Count) return (all, overdue);
        all.RemoveAll(destination => destination.Lacks(model));
        overdue.RemoveAll(destination => !all.Contains(destination));
        return (all, overdue);
    }

    private static Destination? Named(List<Destination> candidates, string name)
    {
        foreach (var destination in candidates)
            if (destination.Name == name) return destination;
        return null;
    }

    private static bool HasOther(List<Destination> candidates, List<Destination> overdue) =>
        candidates.Exists(other => !overdue.Contains(other) && other.State.Refusal is null);

    private static DestinationRoute OfMaker(Pool pool, RouteRequest wanted, string maker)
    {
        if (pool.Find(maker) is not { } only || only.ModelFor(wanted.Model) is not { } model) return new DestinationRoute.MakerGone();
        if (wanted.Excluded.Contains(maker)) return new DestinationRoute.Nowhere([]);
        return Admit(only, pool, wanted) switch
        {
            Admission.Granted granted => new DestinationRoute.To(only, model, granted.Place, "maker"),
            Admission.Refused { Refusal: { Answer: { } answer } asks } => new DestinationRoute.Asking(asks, answer),
            Admission.Refused refused => new DestinationRoute.Nowhere([refused.Refusal]),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>From now on the conversation belongs there.</summary>
    public void Remember(BackendTurn turn, string model, string destination)
    {
        Set(AffinityKind.Response, turn.Id.Value);
        var hints = turn.Request.Hints;
        if (hints.Thread is { } thread) Set(AffinityKind.Thread, $"{hints.Session}/{thread}");
        // A sub-agent that has a name of its own moves nobody but itself.
        if (hints.Session is { } session && (hints is not { IsSubAgent: true, Thread: not null }
            || affinity.Find(Key(turn, AffinityKind.Session, session)) is null)) Set(AffinityKind.Session, session);
        if (IsNamedByContent(turn)) Set(AffinityKind.Content, ConversationStart.Opening(turn, model));

        void Set(AffinityKind kind, string value) => affinity.Set(Key(turn, kind, value), destination, isKept: turn.Request.Store);
    }

    private IEnumerable<(string Destination, string Source, bool IsWeak)> Preferences(BackendTurn turn, string model)
    {
        if (turn.ParentState is UpstreamState state) yield return (state.Destination, state.IsHeld ? Owner : "conversation", false);
        else if (turn.Context.Parent is { } parent && Find(AffinityKind.Response, parent.Id.Value) is { } known)
            yield return (known, "response", false);
        var hints = turn.Request.Hints;
        if (hints.Thread is { } thread && Find(AffinityKind.Thread, $"{hints.Session}/{thread}") is { } own)
            yield return (own, "thread", false);
        if (hints is { Session: { } alone, Thread: null } && Find(AffinityKind.Session, alone) is { } same)
            yield return (same, "session", false);
        if (hints.Parent is { Thread: { } caller } of && Find(AffinityKind.Thread, $"{of.Session}/{caller}") is { } began)
            yield return (began, "parent", true); // its start is what the parent's was
        if (hints.ParentSession is { } whose && Find(AffinityKind.Session, whose) is { } house) yield return (house, "parent", true);
        if (hints is { Session: { } session, Thread: not null } && Find(AffinityKind.Session, session) is { } run)
            yield return (run, "session", true);
        if (IsNamedByContent(turn) && turn.Context.IsResent
            && Find(AffinityKind.Content, ConversationStart.Opening(turn, model)) is { } opened)
            yield return (opened, "content", false);
        if (NewestThought(turn.Context.Input) is { } thought
            && sealedItems.MakerOf(turn.Tenant, thought) is { } thinker)
            yield return (thinker, "maker", false);

        string? Find(AffinityKind kind, string value) => affinity.Find(Key(turn, kind, value));
    }

    private static ReasoningItem? NewestThought(IReadOnlyList<Item> input)
    {
        for (var index = input.Count - 1; index >= 0; index--)
            if (input[index] is ReasoningItem thought) return thought;
        return null;
    }

    /// <summary>
    /// Only a conversation that nothing else names; one that found its chain by content may have lost it by its next turn.
    /// </summary>
    private static bool IsNamedByContent(BackendTurn turn) =>
        (turn.Context.Parent is null || turn.Context.IsMatched) && turn.Request.Hints is { Thread: null, Session: null };

    private DestinationRoute? LeastLoaded(
        List<Destination> candidates, Pool pool, RouteRequest wanted, string affinityOutcome, List<Refusal> refusals)
    {
        while (candidates.Count > 0)
        {
            var loads = candidates.ConvertAll(Load); // read once: other turns come and go meanwhile
            var least = loads.Min();
            var equals = candidates.Where((_, index) => loads[index] <= least + SameLoad).ToList();
            var chosen = isOneOfSeveral ? NamedChoice.Of(wanted.Turn, wanted.Model, equals) : ByWeight(equals);
            switch (Admit(chosen, pool, wanted))
            {
                case Admission.Granted granted:
                    return new DestinationRoute.To(chosen, chosen.ModelFor(wanted.Model)!, granted.Place, affinityOutcome);
                case Admission.Refused { Refusal: { Answer: { } answer } asks }: return new DestinationRoute.Asking(asks, answer);
                case Admission.Refused refused: refusals.Add(refused.Refusal); break;
            }
            candidates.Remove(chosen);
        }
        return null;
    }

    private static Admission Admit(Destination destination, Pool pool, RouteRequest wanted) =>
        (destination.RefusalOf(wanted.Turn.Tenant) ?? OpenPlaces.RefusalFor(destination, pool, wanted)) is { } refusal
            ? new Admission.Refused(refusal)
        : destination.State.Admit(wanted.Turn.Flow);

    private Destination ByWeight(List<Destination> equals)
    {
        var at = random.NextDouble() * equals.Sum(destination => destination.Options.Weight);
        foreach (var destination in equals)
        {
            at -= destination.Options.Weight;
            if (at < 0) return destination;
        }
        return equals[^1];
    }

    private static double Load(Destination destination) => destination.State.InFlight / destination.Options.Weight;

    private static AffinityKey Key(BackendTurn turn, AffinityKind kind, string value) => AffinityKey.Of(turn.Tenant, kind, value);
}
