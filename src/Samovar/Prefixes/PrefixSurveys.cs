using Samovar.Backends;
using Samovar.Engine;
using Samovar.Protocol.Ids;

namespace Samovar.Prefixes;

/// <summary>Asks engines where a tenant's prefixes are. They answer between two of their rounds: whoever asks often waits for others of
/// its tenant who do, and for nobody else.</summary>
/// <remarks>
/// Of one question of one tenant's at most one is under way. Whoever asks meanwhile shares the one behind it, so that nobody is told less
/// than was so when it asked. A question goes on without its askers, for <see cref="AnswerMax"/> at most.
/// </remarks>
internal sealed class PrefixSurveys(IEnumerable<IBackend> backends, PrefixTable table, PrefixesOptions options, TimeProvider time)
{
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2); // one round of a large prompt
    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId Tenant, bool Shared), Asked> _asked = []; // those that are under way
    private readonly IPrefixKeeping[] _keepers = [.. backends.OfType<IPrefixBackend>().Select(static backend => backend.Prefixes)];

    /// <summary>All of a tenant's; null where an engine is busy with something long.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="shared">Whether starts are asked about that nobody warmed.</param>
    /// <param name="caller">Who asks.</param>
    public Task<TenantSurvey?> OfAsync(TenantId tenant, bool shared, CancellationToken caller)
    {
        Task<TenantSurvey?> answer;
        lock (_gate)
        {
            if (_asked.TryGetValue((tenant, shared), out var asked)) answer = asked.Next ??= AskAsync(tenant, shared, asked.Now);
            else
            {
                answer = AskAsync(tenant, shared, Task.CompletedTask);
                _asked[(tenant, shared)] = new Asked { Now = answer };
            }
        }
        return answer.WaitAsync(caller);
    }

    private async Task<TenantSurvey?> AskAsync(TenantId tenant, bool shared, Task before)
    {
        await Task.Yield(); // out of the lock
        await Task.WhenAny(before); // its fault is its askers'
        try
        {
            return await AskAsync(tenant, shared ? options.SharedMax : 0);
        }
        finally
        {
            lock (_gate)
            {
                var asked = _asked[(tenant, shared)];
                if (asked.Next is { } next) (asked.Now, asked.Next) = (next, null);
                else _asked.Remove((tenant, shared));
            }
        }
    }

    private async Task<TenantSurvey?> AskAsync(TenantId tenant, int sharedMax)
    {
        var warmed = table.Of(tenant);
        var kept = warmed.Select(static prefix => prefix.Kept ?? NotKept.Instance).ToList();
        using var late = new CancellationTokenSource(AnswerMax, time);
        var found = new List<ModelPrefixes>();
        try
        {
            foreach (var keeper in _keepers)
                found.AddRange(await keeper.SurveyAsync(tenant, kept, sharedMax, options.TokensMin, late.Token));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return null;
        }
        var places = warmed.Select((prefix, index) => (Prefix: prefix, At: PlaceOf(found, index))).ToList();
        foreach (var (prefix, at) in places) prefix.SeenAt = at;
        return new TenantSurvey(places, found);
    }

    /// <summary>Each engine knows its own.</summary>
    private static PrefixPlace PlaceOf(List<ModelPrefixes> models, int index)
    {
        foreach (var model in models)
            if (model.Survey.Kept[index] is { Place.Tokens: > 0 } or { Chains: > 0 } or { IsOnDisk: true }) return model.Survey.Kept[index];
        return WarmedPrefix.Nowhere;
    }

    /// <summary>A question that is under way, and the one that follows it.</summary>
    private sealed class Asked
    {
        public required Task<TenantSurvey?> Now { get; set; }
        public Task<TenantSurvey?>? Next { get; set; }
    }

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

/// <summary>What engines said of a tenant's prefixes.</summary>
/// <param name="Warmed">Those that somebody has warmed, and where they are.</param>
/// <param name="Models">For each model that is loaded.</param>
internal sealed record TenantSurvey(IReadOnlyList<(WarmedPrefix Prefix, PrefixPlace At)> Warmed, IReadOnlyList<ModelPrefixes> Models)
{
    /// <summary>Nowhere where it was not there any more.</summary>
    public PrefixPlace PlaceOf(WarmedPrefix prefix) =>
        Warmed.Where(one => ReferenceEquals(one.Prefix, prefix)).Select(static one => one.At).FirstOrDefault(WarmedPrefix.Nowhere);
}
