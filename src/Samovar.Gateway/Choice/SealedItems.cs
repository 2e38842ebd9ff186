using System.Globalization;
using Samovar.Backends;
using Samovar.Context;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Who made what only its maker can open: encrypted reasoning, compactions, what was said beside a call. Clients keep them and send them
/// back, and another account refuses them.
/// </summary>
/// <remarks>
/// Reasoning is not part of the history: it is left out elsewhere. A compaction stands for the history before it, so it binds a turn that
/// brings it, and the chain from there on, to its maker. Of what was made elsewhere, or too long ago, nothing is known; it is sent as it
/// is, and a compaction only to those that may have made it.
/// </remarks>
internal sealed class SealedItems(AffinityMap affinity)
{
    private const int TailChars = 64; // the text is a cipher's: its end alone is like no other

    /// <summary>Remembers the maker of what the upstream has just sent.</summary>
    public void Note(BackendTurn turn, BackendEvent reported, string destination)
    {
        if (reported is BackendEvent.ItemDone { Extra: { IsEmpty: false } extra })
            affinity.Set(Key(turn.Tenant, TextOf(extra)), destination, isKept: turn.Request.Store);
        if (reported is not BackendEvent.ItemDone { Whole: { IsEmpty: false } item }) return;
        if (item.Text("type"u8) is "reasoning" or "compaction" or "context_compaction"
            && item.Text("encrypted_content"u8) is { Length: > 0 } text)
            affinity.Set(Key(turn.Tenant, text), destination, isKept: turn.Request.Store);
    }

    /// <summary>The destination that made it; null where that is not known, or anybody can read it.</summary>
    public string? MakerOf(TenantId tenant, Item item) =>
        item switch
        {
            CompactionItem compaction => compaction.EncryptedContent,
            ReasoningItem reasoning => reasoning.EncryptedContent,
            _ => CallExtra.Of(item) is { IsEmpty: false } extra ? TextOf(extra) : null,
        } is { Length: > 0 } text ? affinity.Find(Key(tenant, text)) : null;

    /// <summary>The only destination that can take the turn; null where any can.</summary>
    public string? BoundTo(BackendTurn turn)
    {
        if (Newest(turn.Context.Input) is { } newest && MakerOf(turn.Tenant, newest) is { } maker) return maker;
        return turn.ParentState is UpstreamState { IsBound: true } state ? state.Destination : null;
    }

    /// <summary>Whether a destination speaks the protocol that has compactions, so that it may have made one whose maker is not
    /// known.</summary>
    public static bool MayOpen(Destination destination) =>
        destination.Kind.SpeaksResponses();

    /// <summary>Whether the turn's history is in a compaction that a client brought.</summary>
    /// <exception cref="ApiException">It is, and nobody in the pool could open one.</exception>
    public static bool IsSealed(BackendTurn turn, Pool pool, string model)
    {
        var param = SealedHistory.Param(turn.Context, static node => node.State is UpstreamState { IsSealed: false });
        if (param is null) return false;
        if (pool.Destinations.Any(known => MayOpen(known) && known.ModelFor(model) is not null)) return true;
        throw new ApiException(Errors.CannotOpen, model, param);
    }

    private static CompactionItem? Newest(IReadOnlyList<Item> input)
    {
        for (var index = input.Count - 1; index >= 0; index--)
            if (input[index] is CompactionItem compaction) return compaction;
        return null;
    }

    /// <summary>The signature that is beside a call; clients may write what is around it in another way.</summary>
    private static string TextOf(RawJson extra) => extra.Field("google"u8).Text("thought_signature"u8) ?? extra.ToString();

    private static AffinityKey Key(TenantId tenant, string text)
    {
        var tail = text.Length > TailChars ? text[^TailChars..] : text;
        return AffinityKey.Of(tenant, AffinityKind.Sealed, string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{tail}"));
    }
}
