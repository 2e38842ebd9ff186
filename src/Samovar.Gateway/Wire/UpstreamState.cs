using Samovar.Chains;
using Samovar.Chains.Packing;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Wire;

/// <summary>What is kept with a response that an upstream made: where its chain lives, and what a continuation there needs.</summary>
internal sealed class UpstreamState : BackendState
{
    private WrittenForm? _form;

    public required string Destination { get; init; }
    public required string Conversation { get; init; }
    public string? PromptCacheKey { get; init; }

    /// <summary>The upstream's own id of the response; null where it keeps none.</summary>
    public string? ResponseId { get; init; }

    /// <summary>Whether the upstream can continue it from anywhere, and not only on its socket.</summary>
    public bool IsStored { get; init; }

    /// <summary>Whether the chain holds what only this destination can open, so that it cannot go on anywhere else.</summary>
    public bool IsBound { get; init; }

    /// <summary>Whether the chain's history is in a compaction that a client brought.</summary>
    public bool IsSealed { get; init; }

    /// <summary>The socket that holds the response; it is this state's as long as no newer response runs on it.</summary>
    public IHeldSocket? Socket { get; init; }

    /// <summary>
    /// What the user said to the upstream while the response was made: the response that answers it comes on the socket by itself. Empty
    /// where none does.
    /// </summary>
    public IReadOnlyList<Item> Steered { get; init; } = [];

    /// <summary>Whether the destination holds what a continuation needs, so that anywhere else costs the whole context.</summary>
    public bool IsHeld => ResponseId is not null && (IsStored || Socket?.Holds(ResponseId) == true);

    /// <summary>Whether the upstream never had anything to continue from: it neither stored the response nor held it on a socket.</summary>
    public bool KeepsNothing => ResponseId is null || (!IsStored && Socket is null);

    /// <summary>Whether it is held and its socket is not in use by another continuation.</summary>
    public override bool IsWarm => IsHeld && (IsStored || Socket is { IsIdle: true });

    /// <summary>Whether the response's items are kept here as well, as this kind of upstream reads them.</summary>
    public bool KeepsCopies { get; init; }

    public override bool CopiesItems => KeepsCopies;

    private const string StateKind = "upstream";
    private const byte Version = 1;

    /// <summary>Without its socket, and so without what only that socket holds.</summary>
    public PackedState Pack()
    {
        var to = new PackWriter(256);
        to.Byte(Version);
        to.Text(Destination);
        to.Text(Conversation);
        to.OptionalText(PromptCacheKey);
        to.OptionalText(IsStored ? ResponseId : null);
        to.Flag(IsBound);
        to.Flag(IsSealed);
        to.Flag(KeepsCopies);
        return new PackedState(StateKind, to.Written.ToArray());
    }

    /// <summary>Null where it is another backend's.</summary>
    /// <exception cref="InvalidDataException">The bytes are broken.</exception>
    public static UpstreamState? Read(PackedState packed)
    {
        var from = new PackReader(packed.Bytes.Span);
        if (packed.Kind != StateKind || from.Byte() != Version) return null;
        var (destination, conversation, key, response) = (from.Text(), from.Text(), from.OptionalText(), from.OptionalText());
        return new UpstreamState
        {
            Destination = destination, Conversation = conversation, PromptCacheKey = key, ResponseId = response,
            IsStored = response is not null, IsBound = from.Flag(), IsSealed = from.Flag(), KeepsCopies = from.Flag(),
        };
    }

    /// <summary>A response's items as one kind of upstream reads them: made once, kept with the response, and counted with it.</summary>
    /// <param name="node">The response.</param>
    /// <param name="kind">Names the form.</param>
    /// <param name="make">Makes the form.</param>
    public static T Written<T>(ChainNode node, string kind, Func<T> make) where T : class
    {
        if (node.State is not UpstreamState { CopiesItems: true } state) return make(); // another backend's, which counted no copies
        if (Volatile.Read(ref state._form) is not { } known) return state.Keep(kind, make());
        return known is { Form: T form } && known.Kind == kind ? form : make(); // one form is counted
    }

    private T Keep<T>(string kind, T form) where T : class =>
        Interlocked.CompareExchange(ref _form, new WrittenForm(kind, form), null) is { Form: T first } known && known.Kind == kind
            ? first : form;

    public override void Release() => Socket?.LetGo(this);

    private sealed record WrittenForm(string Kind, object Form);
}
