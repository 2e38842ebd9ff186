using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends;
using Samovar.Engine;
using Samovar.Prefixes;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Prefixes;

/// <summary>What becomes of prefixes whose model was unloaded.</summary>
public sealed class PrefixTableTests : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15), Keep = TimeSpan.FromMinutes(1);
    private readonly ManualTime _time = new();
    private readonly TestMeters _meters = new();
    private readonly Keeper _keeper;
    private readonly PrefixTable _table;

    public PrefixTableTests()
    {
        _keeper = new Keeper(_time);
        _table = new PrefixTable(new PrefixesOptions(), new PrefixNames(new IdSource()), _time, new PrefixMetrics(_meters),
            NullLogger<PrefixTable>.Instance);
    }

    public void Dispose()
    {
        _table.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task LostPrefix_IsWarmedAgain_ThoughItsModelWasBusyAtFirst()
    {
        var lost = await WarmAndLoseAsync();
        await LookAsync(_keeper.Refuses(Errors.ServerOverloaded));
        await LookAsync(_keeper.Refuses(Errors.ServerStopping));
        Assert.Same(lost, Assert.Single(_table.Of(TenantId.Local)));
        await LookAsync(_keeper.Warms());
        await Soon.UntilAsync(() => !lost.IsLost);
        Assert.Same(lost, Assert.Single(_table.Of(TenantId.Local)));
    }

    [Fact]
    public async Task LostPrefix_IsForgotten_WhenItsTimeIsOver()
    {
        var lost = await WarmAndLoseAsync();
        for (var passed = LookEvery; passed < Keep; passed += LookEvery)
        {
            await LookAsync(_keeper.Refuses(Errors.ServerOverloaded));
            Assert.Same(lost, Assert.Single(_table.Of(TenantId.Local)));
        }
        _time.Advance(LookEvery);
        Assert.Empty(_table.Of(TenantId.Local));
    }

    [Fact]
    public async Task LostPrefix_IsForgotten_WhenItCannotBeWarmedAnyMore()
    {
        await WarmAndLoseAsync();
        await LookAsync(_keeper.Refuses(Errors.ModelNotFound));
        await Soon.UntilAsync(() => _table.Of(TenantId.Local).Count == 0);
    }

    [Fact]
    public async Task LostPrefixOfTheSettings_WhoseModelIsAnotherNow_IsToBePlannedAnew()
    {
        await WarmAndLoseAsync(Wish() with { Name = "crew", IsConfigured = true });
        await LookAsync(_keeper.Refuses(Errors.PrefixesFull)); // there may be room later
        Assert.Single(_table.Of(TenantId.Local));
        await LookAsync(_keeper.Refuses(Errors.ModelNotFound));
        Assert.Equal("crew", await _table.Outdated.ReadAsync(Soon.Token));
        Assert.Empty(_table.Of(TenantId.Local));
        _ = _keeper.Warms();
        await _table.WarmAsync(Wish() with { Name = "crew", IsConfigured = true }, Soon.Token);
        Assert.False(_table.Outdated.TryRead(out _));
    }

    [Fact]
    public async Task PrefixThatWasNeverWarm_IsForgotten_WhenItsModelIsBusy()
    {
        var refused = _keeper.Refuses(Errors.ServerOverloaded);
        await Assert.ThrowsAsync<ApiException>(() => _table.WarmAsync(Wish(), Soon.Token));
        await refused;
        Assert.Empty(_table.Of(TenantId.Local));
    }

    private async Task<WarmedPrefix> WarmAndLoseAsync(PrefixWish? wish = null)
    {
        _ = _keeper.Warms();
        var (prefix, _) = await _table.WarmAsync(wish ?? Wish(), Soon.Token);
        _keeper.Kept!.IsUnloaded = true;
        return prefix;
    }

    /// <summary>The table looks at all of them, and has taken in what came of it.</summary>
    private async Task LookAsync(Task asked)
    {
        _time.Advance(LookEvery);
        await Soon.In(asked);
        await Soon.UntilAsync(() => _table.Of(TenantId.Local).All(static prefix => prefix.Warming is null));
    }

    private PrefixWish Wish() => new(_keeper, new PrefixPlan("m", "identity", TokenPath.Empty.Append(new[] { 1, 2, 3 }), []),
        new PrefixOwner(TenantId.Local, new FlowId("f"), IsStored: false, 1, 1), Name: null, Keep);

    /// <summary>Answers as it was told to for the next warm-up.</summary>
    private sealed class Keeper(ManualTime time) : IPrefixKeeping
    {
        private ErrorKind? _refusal;
        private TaskCompletionSource _asked = new();

        public Kept? Kept { get; private set; }

        public Task Refuses(ErrorKind kind) => Next(kind);

        public Task Warms() => Next(null);

        public bool IsLoaded(string model) => true;

        public ValueTask<PrefixPlan> PlanAsync(BackendTurn turn, CancellationToken caller) => throw new NotSupportedException();

        public Task<PrefixWarmth> WarmAsync(PrefixPlan plan, PrefixOwner owner, Action<int> computed, CancellationToken dropped)
        {
            _asked.TrySetResult();
            if (_refusal is { } refusal) throw new ApiException(refusal,
                refusal == Errors.ModelNotFound ? "m" : refusal == Errors.PrefixesFull ? 1 : TimeSpan.FromSeconds(1));
            computed(plan.Path.Length);
            Kept = new Kept(plan.Path, time.GetUtcNow());
            return Task.FromResult(new PrefixWarmth(Kept, 0, plan.Path.Length, CacheSource.None));
        }

        public Task<IReadOnlyList<ModelPrefixes>> SurveyAsync(
            TenantId tenant, IReadOnlyList<KeptPrefix> kept, int startsMax, int tokensMin, CancellationToken caller) =>
            Task.FromResult<IReadOnlyList<ModelPrefixes>>([]);

        private Task Next(ErrorKind? refusal)
        {
            (_refusal, _asked) = (refusal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _asked.Task;
        }
    }

    private sealed class Kept(TokenPath path, DateTimeOffset since) : KeptPrefix
    {
        public bool IsUnloaded { get; set; }
        public override TokenPath Path => path;
        public override PrefixUse Use { get; } = new(0, 0, 0, since);
        public override bool IsOver => IsUnloaded;

        public override void Dispose()
        {
        }
    }
}
