using Samovar.Cluster;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Fairness;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>A turn on its way to the node that owns its chain.</summary>
internal sealed record RelayedRequest
{
    public required TenantId Tenant { get; init; }

    /// <summary>Whose share of places it takes there.</summary>
    public required FlowId Flow { get; init; }

    /// <summary>What its response is called: the node that has its client has named it.</summary>
    public required ResponseId Id { get; init; }

    /// <summary>A response of the chain: what is continued, or the turn's own.</summary>
    public required ResponseId Known { get; init; }

    /// <summary>The epoch that its sender found the chain under: it runs under that one or not at all; 0 where it begins one.</summary>
    public required long Epoch { get; init; }

    /// <summary>The life of the node that it is sent to, of one that begins a conversation: no other may run it.</summary>
    public Incarnation? To { get; init; }

    /// <summary>What may exist of it already.</summary>
    public required TurnPast Past { get; init; }

    /// <summary>The last of its events that its sender has; -1 where it has none. One that goes on there is read from behind it: what came
    /// before may be kept no longer.</summary>
    public long After { get; init; } = -1;

    /// <summary>Whether it may run where its client is instead: it begins a conversation, and was sent nowhere before.</summary>
    public bool MayRunHere => Epoch == 0 && Past == TurnPast.None;

    /// <summary>The request as its client sent it, in JSON.</summary>
    public required ReadOnlyMemory<byte> Sent { get; init; }

    /// <summary>What its client speaks: whose words <see cref="Sent"/> are in.</summary>
    public ClientApi Api { get; init; }

    /// <summary>Whether it was a frame of a WebSocket; null: it was the body of a request over HTTP, else whether the frame was a bare
    /// one, whose settings are its parent's.</summary>
    public required bool? IsBareFrame { get; init; }

    /// <summary>What it continues, which a bare frame does not name; null: its conversation's newest response.</summary>
    public required ResponseId? Previous { get; init; }

    /// <summary>What its client said of itself beside the request.</summary>
    public required SessionHints Hints { get; init; }

    /// <summary>How its client wants its events.</summary>
    public required ResponseEventOptions Events { get; init; }

    /// <summary>Whether its client may say more while it runs.</summary>
    public bool CanBeSteered { get; init; }

    /// <summary>What its client calls itself; null: it does not.</summary>
    public string? Client { get; init; }
}
