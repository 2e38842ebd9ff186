using Samovar.Backends.Upstream.Attempts;
using Samovar.Backends.Upstream.Sockets;
using Samovar.Chains;

namespace Samovar.Backends.Upstream;

/// <summary>What is kept with a response that an upstream made: where its chain lives, and what a continuation there needs.</summary>
internal sealed class UpstreamState : BackendState
{
    public required string Destination { get; init; }
    public required string Conversation { get; init; }
    public string? PromptCacheKey { get; init; }

    /// <summary>The upstream's own id of the response; null where it keeps none.</summary>
    public string? ResponseId { get; init; }

    /// <summary>Whether the upstream can continue it from anywhere, and not only on its socket.</summary>
    public bool IsStored { get; init; }

    /// <summary>Whether the chain holds what only this destination can open, so that it cannot go on anywhere else.</summary>
    public bool IsBound { get; init; }

    /// <summary>The socket that holds the response; it is this state's as long as no newer response runs on it.</summary>
    public UpstreamSocket? Socket { get; init; }

    /// <summary>Whether the destination holds what a continuation needs, so that anywhere else costs the whole context.</summary>
    public bool IsHeld => ResponseId is not null && (IsStored || Socket?.Holds(ResponseId) == true);

    /// <summary>Whether the upstream never had anything to continue from: it neither stored the response nor held it on a socket.</summary>
    public bool KeepsNothing => ResponseId is null || (!IsStored && Socket is null);

    /// <summary>Whether it is held and its socket is not in use by another continuation.</summary>
    public override bool IsWarm => IsHeld && (IsStored || Socket is { IsIdle: true });

    /// <summary>The state after a turn of which the upstream keeps nothing that has a name.</summary>
    public static UpstreamState Of(UpstreamCall call) => new()
    {
        Destination = call.Destination.Name, Conversation = call.Conversation, PromptCacheKey = call.PromptCacheKey,
        IsBound = call.IsBound,
    };

    public override void Release() => Socket?.LetGo(this);
}
