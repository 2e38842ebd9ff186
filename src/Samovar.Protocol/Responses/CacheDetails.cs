namespace Samovar.Protocol.Responses;

/// <summary>What one turn reused, from where, where it left what had been cached, and what that cost.</summary>
public sealed record CacheDetails
{
    /// <summary>Tokens of the prompt; those that were cached, and those that were computed though the chain had them before.</summary>
    public required int PromptTokens { get; init; }
    public required int CachedTokens { get; init; }
    public required int RecomputedTokens { get; init; }

    /// <summary>A word of <see cref="MissReasons"/>; null where the cache was not missed.</summary>
    public string? Reason { get; init; }

    /// <summary>Where the prompt's tokens came from, in their order.</summary>
    public required IReadOnlyList<CacheTier> Tiers { get; init; }

    /// <summary>Where the context leaves what it is compared with; null where it goes on from all of it.</summary>
    public CacheDeparture? LeftAt { get; init; }

    /// <summary>What was given up of the chain's state; null where nothing was, or nobody knows when.</summary>
    public CacheEviction? Evicted { get; init; }

    /// <summary>How the chain came here from another node for this turn, in a word; null where it was here.</summary>
    public string? TakenOver { get; init; }

    /// <summary>Whether the whole conversation was rendered, and not only what is new.</summary>
    public required bool IsRenderedWhole { get; init; }

    /// <summary>Why it was; null where it was not.</summary>
    public string? RenderedWholeBecause { get; init; }

    /// <summary>The same for those whose words it may not show.</summary>
    public CacheDetails WithoutTexts() =>
        LeftAt is null ? this : this with { LeftAt = LeftAt.WithoutNames() with { Before = null, Now = null } };

    /// <summary>Both together, of a response that computed one prompt after the other: all tokens, and the first miss.</summary>
    public CacheDetails Then(CacheDetails next) => (Reason is null && next.Reason is not null ? next : this) with
    {
        PromptTokens = PromptTokens + next.PromptTokens,
        CachedTokens = CachedTokens + next.CachedTokens,
        RecomputedTokens = RecomputedTokens + next.RecomputedTokens,
        Tiers =
        [
            .. Tiers.Concat(next.Tiers).GroupBy(static tier => tier.Name, StringComparer.Ordinal)
                .Select(static tiers => new CacheTier(
                    tiers.Key, tiers.Sum(static tier => tier.Tokens), tiers.Sum(static tier => tier.Milliseconds)))
                .OrderBy(static tier => tier.Name == CacheTier.Computed),
        ],
    };
}

/// <summary>Tokens of one source.</summary>
/// <param name="Name">cells, other_stream, host_memory, disk, or computed.</param>
/// <param name="Milliseconds">What it took to have them there.</param>
public sealed record CacheTier(string Name, int Tokens, double Milliseconds)
{
    public const string Computed = "computed";
}

/// <summary>The first place where two contexts differ.</summary>
/// <param name="Item">Its field, as a request names it: <c>tools[3].description</c>, <c>input[7].content[0].text</c>.</param>
/// <param name="Character">In that field's text.</param>
public sealed record CacheDeparture(string Item, int Character)
{
    public string Item { get; init; } = FieldPlace.Bounded(Item);

    /// <summary>The response that has the item; null where it is in a request's own settings.</summary>
    public string? ResponseId { get; init; }

    /// <summary>What stood there, a few characters of it, and what stands there now; null where nobody may see it.</summary>
    public string? Before { get; init; }
    public string? Now { get; init; }

    /// <summary>The same without names that a client has chosen.</summary>
    public CacheDeparture WithoutNames() => this with { Item = FieldPlace.OfApi(Item) };
}

/// <summary>State that was given up.</summary>
/// <param name="At">When.</param>
/// <param name="Tier">Where it was: cells or host_memory.</param>
/// <param name="Budget">The option that had no room for it.</param>
public sealed record CacheEviction(DateTimeOffset At, string Tier, string Budget);
