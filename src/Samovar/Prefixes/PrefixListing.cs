using Samovar.Backends;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;

namespace Samovar.Prefixes;

/// <summary>Shows prefixes: those that somebody has warmed, and those that conversations share without.</summary>
/// <remarks>Where an engine is long about its answer nobody is told that nothing is there: whoever asks is to ask again, and the live page
/// shows what was known last.</remarks>
internal sealed class PrefixListing(PrefixSurveys surveys, PrefixTable table, PrefixNames names)
{
    private const string Warmed = "warmed", Configured = "configured", Shared = "shared";
    private const string Cells = "cells", Memory = "host_memory", Disk = "disk", None = "none";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>All of a tenant's.</summary>
    /// <exception cref="ApiException">An engine does not answer just now.</exception>
    public async Task<IReadOnlyList<PrefixView>> OfAsync(TenantId tenant, CancellationToken caller)
    {
        var survey = await surveys.OfAsync(tenant, shared: true, caller) ?? throw Busy();
        var shared = survey.Models.SelectMany(model => model.Survey.Starts.Select(start => Of(tenant, model, start)));
        return [.. survey.Warmed.Select(static one => Of(one.Prefix, one.At)), .. shared];
    }

    /// <summary>Those that somebody has warmed, with how they are known.</summary>
    /// <param name="tenant">Null: everybody's.</param>
    /// <param name="caller">Who asks.</param>
    public async Task<IReadOnlyList<(WarmedPrefix Prefix, PrefixView View)>> WarmedAsync(TenantId? tenant, CancellationToken caller)
    {
        var warmed = table.Of(tenant);
        await Task.WhenAll(warmed.Select(static prefix => prefix.Owner.Tenant).Distinct()
            .Select(owner => surveys.OfAsync(owner, shared: false, caller)));
        return [.. warmed.Select(static prefix => (prefix, Of(prefix, prefix.SeenAt)))];
    }

    /// <summary>One that was warmed.</summary>
    /// <exception cref="ApiException">Its engine does not answer just now.</exception>
    public async Task<PrefixView> OfAsync(WarmedPrefix prefix, CancellationToken caller) =>
        await surveys.OfAsync(prefix.Owner.Tenant, shared: false, caller) is { } survey ? Of(prefix, survey.PlaceOf(prefix)) : throw Busy();

    private static ApiException Busy() => new(Errors.ServerOverloaded, RetryAfter, retryAfter: RetryAfter);

    private static PrefixView Of(WarmedPrefix prefix, PrefixPlace at)
    {
        var (turns, hits) = prefix.Uses;
        var (tokens, isWarming) = (prefix.Plan.Path.Length, prefix.Warming is not null);
        var tier = TierOf(at, tokens);
        return new PrefixView
        {
            Id = prefix.Id, Tenant = prefix.Owner.Tenant, Name = prefix.Name, Model = prefix.Plan.Model,
            Origin = prefix.IsConfigured ? Configured : Warmed,
            Status = tier is Cells or Memory ? "warm" : isWarming ? "warming" : "cold",
            Tier = tier, Tokens = tokens, Bytes = at.Bytes, Sessions = at.Chains,
            Running = prefix.IsLost ? 0 : prefix.Kept?.Use.Running ?? 0, Turns = turns, Hits = hits, IsStored = prefix.Owner.IsStored,
            CreatedAt = prefix.CreatedAt, LastUsed = prefix.LastUsed, Keep = prefix.Keep, ExpiresAt = prefix.ExpiresAt,
        };
    }

    private PrefixView Of(TenantId tenant, ModelPrefixes model, SharedPrefix start) => new()
    {
        Id = names.Of(tenant, model.Model, model.Identity, [.. start.Tokens]), Tenant = tenant, Model = model.Model, Origin = Shared,
        Status = TierOf(start.At, start.Tokens.Count) is Cells or Memory ? "warm" : "cold",
        Tier = TierOf(start.At, start.Tokens.Count), Tokens = start.Tokens.Count, Bytes = start.At.Bytes, Sessions = start.At.Chains,
        Hits = start.Hits,
    };

    private static string TierOf(PrefixPlace at, int tokens) =>
        at.Place.Tokens >= tokens ? at.Place.Stream >= 0 ? Cells : Memory : at.IsOnDisk ? Disk : None;
}
