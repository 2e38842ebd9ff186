using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Turns;

/// <summary>Finds the chain that a client continues by resending its whole history.</summary>
/// <remarks>
/// (1) Name what the input says up to each of its items. (2) Look for chains that may say so, the longest first. (3) A chain is taken
/// only where model, instructions and tools are the request's own and every item says the same. At least one item must be new. A stored
/// chain that another node owns is not taken: who resends it begins one of its own here.
/// </remarks>
internal sealed class HistoryMatcher(ContentIndex index, ITurnPlaces? places = null)
{
    /// <summary>Chains that one request is compared with; the index gives a wrong one only where hashes or reasoning collide.</summary>
    private const int ComparisonsMax = 16;

    private static readonly HashSet<Item> Nothing = [];

    /// <summary>A response by its id, to be compared with, not to be continued; null where it is not held or another's.</summary>
    public ChainNode? Named(TenantId tenant, ResponseId id) => index.Named(tenant, id);

    /// <summary>Null when nothing can be found at all.</summary>
    /// <param name="turn">The request, its settings in force.</param>
    /// <param name="input">Its items, references resolved.</param>
    /// <param name="allowsUnsent">Whether the chain may have reasoning that the client left out.</param>
    public async ValueTask<HistoryMatch?> FindAsync(
        TurnRequest turn, IReadOnlyList<Item> input, bool allowsUnsent, CancellationToken turnCancelled)
    {
        if (!index.IsOn || !turn.Request.Generate) return null;
        if (!new TurnContext(null, input).IsResent) return HistoryMatch.None.NoHistory;
        var names = Names(input); // :: 1
        HistoryMatch.None? why = null;
        var comparisons = 0;
        for (var count = input.Count - 1; count > 0; count--)
        {
            HistoryMatch.Found? cold = null;
            foreach (var node in index.Find(turn.Tenant, names[count], ComparisonsMax)) // :: 2
            {
                if (comparisons++ == ComparisonsMax) return cold ?? (HistoryMatch?)why ?? HistoryMatch.None.Unknown;
                switch (Compare(node, turn.Request, input, count, allowsUnsent)) // :: 3
                {
                    case HistoryMatch.None none: why ??= none; break;
                    case HistoryMatch.Found found when await IsThereAsync(node, turn, turnCancelled):
                        if (node.State is not { IsWarm: false }) return found;
                        cold ??= found;
                        break;
                }
            }
            if (cold is not null) return cold;
        }
        return why ?? HistoryMatch.None.Unknown;
    }

    /// <summary>What the input says before each item, and at its end.</summary>
    private static ContentHash[] Names(IReadOnlyList<Item> input)
    {
        var names = new ContentHash[input.Count + 1];
        using var walk = new ContentWalk(ContentHash.Start);
        for (var i = 0; i < input.Count; i++) names[i + 1] = walk.Add(input[i]);
        return names;
    }

    /// <summary>A stored response that was deleted, or has reached its age, is continued neither by id nor by content.</summary>
    private async ValueTask<bool> IsThereAsync(ChainNode node, TurnRequest turn, CancellationToken turnCancelled)
    {
        try
        {
            return !node.Store || await turn.Parents.IsThereAsync(node, turnCancelled)
                && (places is null || !turn.Request.Store || await places.MayAddAsync(node, turnCancelled));
        }
        catch (ApiException away) when (away.Kind == Errors.StoreUnavailable && !turn.Request.Store)
        {
            return false; // it costs this turn its history's work, and no more: it needs no store
        }
    }

    private static HistoryMatch Compare(
        ChainNode node, CreateRequest request, IReadOnlyList<Item> input, int count, bool allowsUnsent)
    {
        if (!HasSettings(node, request)) return HistoryMatch.None.Settings;
        var at = count;
        HashSet<Item>? unsent = null;
        foreach (var kept in Backwards(node)) // from the newest: what differs mostly differs there
        {
            var sent = at > 0 ? input[at - 1] : null;
            if (kept is ReasoningItem thought && !(sent is ReasoningItem whole && ItemContent.AreEqual(kept, whole)))
            {
                var isShown = sent is ReasoningItem shown && IsTextOf(thought, shown);
                if (!allowsUnsent || (sent is ReasoningItem && !isShown)) return HistoryMatch.None.Reasoning;
                (unsent ??= new(ReferenceEqualityComparer.Instance)).Add(kept);
                if (isShown) at--;
                continue;
            }
            if (sent is null) return HistoryMatch.None.Unknown;
            if (!ItemContent.AreEqual(kept, sent)) return sent is ReasoningItem ? HistoryMatch.None.Reasoning : HistoryMatch.None.Unknown;
            at--;
        }
        return at == 0 ? new HistoryMatch.Found(node, count, unsent ?? Nothing)
            : input[at - 1] is ReasoningItem ? HistoryMatch.None.Reasoning : HistoryMatch.None.Unknown;
    }

    /// <summary>Clients of other protocols send back the text that they were shown, and no seal.</summary>
    private static bool IsTextOf(ReasoningItem thought, ReasoningItem shown) => shown.EncryptedContent is null
        && string.Concat(thought.Summary.Concat(thought.Content)) == string.Concat(shown.Summary.Concat(shown.Content));

    /// <summary>A response that is to be stored does not stand on one that was not to be.</summary>
    private static bool HasSettings(ChainNode node, CreateRequest request) =>
        node.Response.Request.Model == request.Model
        && node.Response.Instructions == request.Instructions
        && node.Response.Tools.Json == (request.Tools ?? ToolList.Empty).Json
        && (node.Store || !request.Store);

    private static IEnumerable<Item> Backwards(ChainNode newest)
    {
        for (var node = newest; node is not null; node = node.Parent)
        {
            for (var i = node.Output.Count - 1; i >= 0; i--) yield return node.Output[i];
            for (var i = node.Shown.Count - 1; i >= 0; i--) yield return node.Shown[i];
        }
    }
}
