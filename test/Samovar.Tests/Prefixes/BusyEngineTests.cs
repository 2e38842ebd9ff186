using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Engine;
using Samovar.Prefixes;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Prefixes;

/// <summary>An engine that is long about its answer: nobody is told that nothing is there, and no tenant waits for another.</summary>
public sealed class BusyEngineTests : IAsyncDisposable
{
    private static readonly TenantId Alice = new("alice"), Bob = new("bob");
    private readonly ManualTime _time = new();
    private readonly Keeper _keeper = new();
    private PrefixLab? _lab;

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null) await _lab.DisposeAsync();
    }

    [Fact]
    public async Task WarmPrefix_IsNoUnknownOne_AndThePageShowsItWhereItWas()
    {
        var lab = await StartAsync();
        var id = (await WarmAsync(lab)).GetProperty("id").GetString()!;
        _keeper.Hold(Alice);
        const string other = "prefix_00000000000000000000000000000000";
        foreach (var path in new[] { PrefixLab.Path, $"{PrefixLab.Path}/{id}", $"{PrefixLab.Path}/{other}" })
        {
            using var answer = await LateAsync(lab.GetAsync(path));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        }
        var listing = lab.Server.Services.GetRequiredService<PrefixListing>();
        var (_, view) = Assert.Single(await LateAsync(listing.WarmedAsync(null, Soon.Token)));
        Assert.Equal(("warm", "cells"), (view.Status, view.Tier));
        _keeper.LetGo();
        Assert.Equal("warm", (await lab.OneAsync(id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task OneTenantsAskers_HoldNobodyElse()
    {
        var lab = await StartAsync();
        _keeper.Hold(Alice);
        var askers = Enumerable.Range(0, 20).Select(_ => lab.GetAsync(PrefixLab.Path)).ToList();
        await Soon.UntilAsync(() => _keeper.AskedOf(Alice) == 1);
        Assert.Empty(await Soon.In(lab.ListAsync("sk-b")));
        Assert.Equal(1, _keeper.AskedOf(Bob));
        _keeper.LetGo();
        foreach (var answer in await Soon.In(Task.WhenAll(askers))) answer.Dispose();
        Assert.InRange(_keeper.AskedOf(Alice), 2, 20); // most have shared one
    }

    private async Task<PrefixLab> StartAsync() => _lab = await PrefixLab.StartAsync(
        services => services.AddSingleton<TimeProvider>(_time).AddSingleton<IBackend>(new Backend(_keeper)), [], hasModel: false);

    private static Task<JsonElement> WarmAsync(PrefixLab lab) => lab.WarmAsync(new { request = PrefixLab.Start() });

    /// <summary>What comes when the engine has had its time.</summary>
    private async Task<T> LateAsync<T>(Task<T> asking)
    {
        await Soon.UntilAsync(() =>
        {
            if (!asking.IsCompleted) _time.Advance(TimeSpan.FromSeconds(1));
            return asking.IsCompleted;
        });
        return await asking;
    }

    /// <summary>Keeps prefixes, and says nothing else.</summary>
    private sealed class Backend(Keeper keeper) : IBackend, IPrefixBackend
    {
        private readonly ScriptedBackend _words = new(new IdSource());

        public IReadOnlyList<BackendModel> Models => _words.Models;
        public IPrefixKeeping Prefixes => keeper;

        public IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, CancellationToken turnCancelled) =>
            _words.RunAsync(turn, turnCancelled);
    }

    /// <summary>Has all that is warm in a stream, and says so when it is let.</summary>
    private sealed class Keeper : IPrefixKeeping
    {
        private readonly ConcurrentDictionary<TenantId, int> _asked = new();
        private TaskCompletionSource _free = Free();
        private TenantId? _held;

        public void Hold(TenantId tenant) => (_held, _free) = (tenant, new(TaskCreationOptions.RunContinuationsAsynchronously));

        public void LetGo() => _free.TrySetResult();

        public int AskedOf(TenantId tenant) => _asked.GetValueOrDefault(tenant);

        public bool IsLoaded(string model) => true;

        public ValueTask<PrefixPlan> PlanAsync(BackendTurn turn, CancellationToken caller) =>
            new(new PrefixPlan("scripted", "identity", TokenPath.Empty.Append(Enumerable.Range(0, 64).ToArray()), []));

        public Task<PrefixWarmth> WarmAsync(PrefixPlan plan, PrefixOwner owner, Action<int> computed, CancellationToken dropped) =>
            Task.FromResult(new PrefixWarmth(new Kept(plan.Path), 0, plan.Path.Length, CacheSource.None));

        public async Task<IReadOnlyList<ModelPrefixes>> SurveyAsync(
            TenantId tenant, IReadOnlyList<KeptPrefix> kept, int startsMax, int tokensMin, CancellationToken caller)
        {
            _asked.AddOrUpdate(tenant, 1, static (_, count) => count + 1);
            if (tenant == _held) await _free.Task.WaitAsync(caller);
            var places = kept.Select(one => new PrefixPlace(0, 1, IsOnDisk: false, new StatePlace(0, IsParked: false, one.Path.Length)));
            return [new ModelPrefixes("scripted", "identity", new PrefixSurvey([.. places], []))];
        }

        private static TaskCompletionSource Free()
        {
            var free = new TaskCompletionSource();
            free.SetResult();
            return free;
        }
    }

    private sealed class Kept(TokenPath path) : KeptPrefix
    {
        public override TokenPath Path => path;
        public override PrefixUse Use { get; } = new(0, 0, 0, DateTimeOffset.MaxValue - TimeSpan.FromDays(400));
        public override bool IsOver => false;

        public override void Dispose()
        {
        }
    }
}
