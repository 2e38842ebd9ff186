using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;

namespace Samovar.Tests.Backends.Models;

/// <summary>A pool of three models that are loaded when a test says so.</summary>
public abstract class PoolLab : IAsyncLifetime
{
    private protected static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private protected static readonly FlowId Ann = new("ann"), Bob = new("bob");
    private protected ManualTime Time { get; } = new();
    private protected FakeLoader Loader { get; } = new(new SeededIds(), "a", "b", "c");
    private protected ModelsOptions Options { get; } = new() { BytesMax = 250 };
    private readonly Lazy<ModelPool> _pool;

    protected PoolLab() => _pool = new Lazy<ModelPool>(
        () => new ModelPool(Loader, Options, Time, NullLogger<ModelPool>.Instance, IsRoomGiven));

    /// <summary>Made at its first use, by one of however many threads: what a test sets before is what it gets.</summary>
    private protected ModelPool Pool => _pool.Value;

    /// <summary>Whether somebody set the bound of bytes.</summary>
    private protected bool IsRoomGiven { get; set; } = true;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in Loader.Gates.Values) gate.Open();
        GC.SuppressFinalize(this);
        if (_pool.IsValueCreated) await Pool.DisposeAsync();
        Assert.Equal(0, Loader.Held); // whatever a test did, all is given back
        Assert.InRange(Loader.AtOnceMax, 0, 1);
    }

    private protected Task<ModelLease> AcquireAsync(string name, FlowId flow, TimeSpan? waitMax = null) =>
        Pool.AcquireAsync(name, flow, waitMax ?? Long, CancellationToken.None).AsTask();

    private protected async Task UseAsync(string name)
    {
        (await AcquireAsync(name, Ann).WaitAsync(Soon.Token)).Dispose();
        Time.Advance(TimeSpan.FromMilliseconds(1));
    }

    private protected Task LoadedAsync(string name) => Until(() => Of(name) is { State: ModelState.Loaded } now && now.Engine is not null);

    private protected ModelCondition Of(string name) => Pool.Conditions.Single(model => model.Name == name);

    private protected ConcurrentQueue<int> UsesAtUnload()
    {
        var uses = new ConcurrentQueue<int>();
        Loader.Unloaded = name => uses.Enqueue(Of(name).Uses);
        return uses;
    }

    /// <summary>Moves time on until something is so.</summary>
    private protected async Task<TimeSpan> TimeUntil(Func<bool> isSo)
    {
        var from = Time.GetTimestamp();
        await Until(() =>
        {
            if (isSo()) return true;
            Time.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        });
        return Time.GetElapsedTime(from);
    }

    private protected static Task Until(Func<bool> isSo) => Soon.UntilAsync(isSo);
}
