using Samovar.Protocol.Ids;

namespace Samovar.Prefixes;

/// <summary>A prefix as it is shown.</summary>
internal sealed record PrefixView
{
    public required PrefixId Id { get; init; }
    public required TenantId Tenant { get; init; }
    public string? Name { get; init; }
    public required string Model { get; init; }

    /// <summary><c>warmed</c>, <c>configured</c>, or <c>shared</c>: conversations have it in common, and nobody asked to keep it.</summary>
    public required string Origin { get; init; }

    /// <summary><c>warming</c>, <c>warm</c>, or <c>cold</c>: whoever begins with it next computes it.</summary>
    public required string Status { get; init; }

    /// <summary>Where its state is: <c>cells</c>, <c>host_memory</c>, <c>disk</c>, <c>none</c>.</summary>
    public required string Tier { get; init; }
    public required int Tokens { get; init; }
    public long Bytes { get; init; }

    /// <summary>Conversations whose newest turn stands on it, and turns that go on with it now.</summary>
    public int Sessions { get; init; }
    public int Running { get; init; }

    /// <summary>Turns that began with it, and those of them that found all of it.</summary>
    public long? Turns { get; init; }
    public long Hits { get; init; }
    public bool? IsStored { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? LastUsed { get; init; }
    public TimeSpan? Keep { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}
