using Samovar.Backends;
using Samovar.Engine;
using Samovar.Protocol.Ids;

namespace Samovar.Prefixes;

/// <summary>A start of conversations that somebody has warmed. What changes is changed by its table alone, but for
/// where it was seen.</summary>
internal sealed class WarmedPrefix : IDisposable
{
    public static readonly PrefixPlace Nowhere = new(0, 0, IsOnDisk: false, StatePlace.None);
    private readonly CancellationTokenSource _dropping = new();
    private long _turnsBefore, _hitsBefore; // with state that was lost since

    public WarmedPrefix(PrefixId id, IPrefixKeeping keeper, PrefixPlan plan, PrefixOwner owner, DateTimeOffset createdAt)
    {
        (Id, Keeper, Plan, Owner, CreatedAt) = (id, keeper, plan, owner, createdAt);
        Dropped = _dropping.Token;
    }

    public PrefixId Id { get; }
    public IPrefixKeeping Keeper { get; }
    public PrefixPlan Plan { get; }
    public PrefixOwner Owner { get; set; }
    public DateTimeOffset CreatedAt { get; }

    /// <summary>What its tenant calls it; null: nothing.</summary>
    public string? Name { get; set; }

    /// <summary>How long it is kept beyond its last use; null: as long as the server runs.</summary>
    public TimeSpan? Keep { get; set; }

    /// <summary>Whether the settings name it.</summary>
    public bool IsConfigured => Setting is not null;

    /// <summary>What they call it; null: they do not name it.</summary>
    public string? Setting { get; init; }

    /// <summary>The computing that goes on; null: none does.</summary>
    public Task<PrefixWarmth>? Warming { get; set; }

    /// <summary>Its state; null before it is warm.</summary>
    public KeptPrefix? Kept { get; private set; }

    /// <summary>Where its state was when its engine said so last.</summary>
    public PrefixPlace SeenAt { get; set; } = Nowhere;

    /// <summary>Ends what computes it.</summary>
    public CancellationToken Dropped { get; }

    /// <summary>Turns that began with it, and those that found all of it.</summary>
    public (long Turns, long Hits) Uses => (_turnsBefore + (Kept?.Use.Turns ?? 0), _hitsBefore + (Kept?.Use.Hits ?? 0));

    public DateTimeOffset LastUsed => Kept?.Use.LastUsed ?? CreatedAt;

    /// <summary>When it goes, if nobody begins with it; null: not, or not while somebody is at it.</summary>
    public DateTimeOffset? ExpiresAt => Warming is null && Keep is { } keep && Kept is not { Use.Running: > 0, IsOver: false }
        ? LastUsed + keep : null;

    /// <summary>Whether its state was lost with the engine that had it.</summary>
    public bool IsLost => Kept is { IsOver: true };

    /// <summary>It is warm, or is so again.</summary>
    public void Hold(KeptPrefix kept)
    {
        (_turnsBefore, _hitsBefore) = Uses;
        Kept?.Dispose();
        Kept = kept;
    }

    /// <summary>Nobody needs it any more; any number of times.</summary>
    public void Dispose()
    {
        if (!Dropped.IsCancellationRequested) _dropping.Cancel();
        _dropping.Dispose();
        Kept?.Dispose();
    }
}
