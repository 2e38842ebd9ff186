using Samovar.Backends;
using Samovar.Engine;
using Samovar.Protocol.Ids;

namespace Samovar.Prefixes;

/// <summary>Shows prefixes: those that somebody has warmed, and those that conversations share without.</summary>
/// <remarks>Engines are asked for one tenant's at a time, and answer between two of their rounds; one that is long about it shows nothing
/// of where its state is.</remarks>
internal sealed class PrefixListing(IEnumerable<IBackend> backends, PrefixTable table, PrefixNames names, PrefixesOptions options,
    TimeProvider time)
{
    private const string Warmed = "warmed", Configured = "configured", Shared = "shared";
    private const string Cells = "cells", Memory = "host_memory", Disk = "disk", None = "none";
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2); // one round of a large prompt
    private SemaphoreSlim? _turn; // without a wait handle there is nothing to dispose
    private readonly IPrefixKeeping[] _keepers = [.. backends.OfType<IPrefixBackend>().Select(static backend => backend.Prefixes)];

    /// <summary>All of a tenant's.</summary>
    public async Task<IReadOnlyList<PrefixView>> OfAsync(TenantId tenant, CancellationToken caller)
    {
        var warmed = table.Of(tenant);
        var surveys = await SurveyAsync(tenant, warmed, options.SharedMax, caller);
        var shared = surveys.SelectMany(model => model.Survey.Starts.Select(start => Of(tenant, model, start)));
        return [.. warmed.Select((prefix, index) => Of(prefix, PlaceOf(surveys, index))), .. shared];
    }

    /// <summary>Those that somebody has warmed, with how they are known.</summary>
    /// <param name="tenant">Null: everybody's.</param>
    /// <param name="caller">Who asks.</param>
    public async Task<IReadOnlyList<(WarmedPrefix Prefix, PrefixView View)>> WarmedAsync(TenantId? tenant, CancellationToken caller)
    {
        var all = new List<(WarmedPrefix, PrefixView)>();
        foreach (var own in table.Of(tenant).GroupBy(static prefix => prefix.Owner.Tenant))
        {
            WarmedPrefix[] warmed = [.. own];
            var surveys = await SurveyAsync(own.Key, warmed, 0, caller);
            all.AddRange(warmed.Select((prefix, index) => (prefix, Of(prefix, PlaceOf(surveys, index)))));
        }
        return all;
    }

    /// <summary>One that was warmed.</summary>
    public async Task<PrefixView> OfAsync(WarmedPrefix prefix, CancellationToken caller) =>
        Of(prefix, PlaceOf(await SurveyAsync(prefix.Owner.Tenant, [prefix], 0, caller), 0));

    private async Task<List<ModelPrefixes>> SurveyAsync(
        TenantId tenant, IReadOnlyList<WarmedPrefix> warmed, int sharedMax, CancellationToken caller)
    {
        var kept = warmed.Select(static prefix => prefix.Kept ?? NotKept.Instance).ToList();
        using var late = new CancellationTokenSource(AnswerMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, caller);
        var turn = LazyInitializer.EnsureInitialized(ref _turn, static () => new SemaphoreSlim(1, 1));
        var found = new List<ModelPrefixes>();
        try
        {
            await turn.WaitAsync(either.Token); // the engines answer between two rounds: whoever asks often waits for others who do
            try
            {
                foreach (var keeper in _keepers)
                    found.AddRange(await keeper.SurveyAsync(tenant, kept, sharedMax, options.TokensMin, either.Token));
            }
            finally
            {
                turn.Release();
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            // the others are shown
        }
        return found;
    }

    /// <summary>Each engine knows its own.</summary>
    private static PrefixPlace PlaceOf(List<ModelPrefixes> surveys, int index)
    {
        foreach (var model in surveys)
            if (model.Survey.Kept[index] is { Place.Tokens: > 0 } or { Chains: > 0 } or { IsOnDisk: true }) return model.Survey.Kept[index];
        return new PrefixPlace(0, 0, IsOnDisk: false, StatePlace.None);
    }

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

    /// <summary>Stands for one that is not warm yet.</summary>
    private sealed class NotKept : KeptPrefix
    {
        public static readonly NotKept Instance = new();

        public override TokenPath Path => TokenPath.Empty;
        public override PrefixUse Use => new(0, 0, 0, default);
        public override bool IsOver => false;

        public override void Dispose()
        {
        }
    }
}
