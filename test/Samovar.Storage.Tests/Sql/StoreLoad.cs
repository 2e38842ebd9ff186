using System.Diagnostics;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Sql;

/// <summary>Several clients that continue chains of their own, whatever happens, and note what was acknowledged.</summary>
internal sealed class StoreLoad : IAsyncDisposable
{
    private const int ClientsCount = 8;
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(20); // of a machine that others use
    private readonly CancellationTokenSource _ended = new();
    private readonly StoreHouse _house;
    private readonly StoreOptions _options;
    private readonly Task[] _clients;
    private readonly List<ChainRow> _acknowledged = [];
    private int _stored, _refused;

    public StoreLoad(StoreHouse house, StoreOptions options)
    {
        (_house, _options) = (house, options);
        _clients = [.. Enumerable.Range(0, ClientsCount).Select(_ => Task.Run(RunAsync))];
    }

    /// <summary>Some more are stored.</summary>
    public Task SomeAsync() => MoreAsync(() => Volatile.Read(ref _stored), 50);

    /// <summary>Some more are refused: it is noticed that the store is away.</summary>
    public Task RefusedAsync() => MoreAsync(() => Volatile.Read(ref _refused), 20);

    /// <summary>Each response that was acknowledged is there, with its chain.</summary>
    public async Task HoldsAsync()
    {
        await EndAsync();
        foreach (var row in _acknowledged) Assert.Equal(row.Depth, await CountAsync(row.Id));
    }

    /// <summary>A store that waits a short while only is away now and then, where others use the machine.</summary>
    private async Task<int> CountAsync(ResponseId head)
    {
        for (var late = Soon.Token; ; late.ThrowIfCancellationRequested())
        {
            try { return (await _house.Rows.ListAsync(head)).Count; }
            catch (StoreAwayException) { await Task.Delay(10, late); }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _ended.Dispose();
    }

    private Task EndAsync()
    {
        _ended.Cancel();
        return Task.WhenAll(_clients);
    }

    private async Task MoreAsync(Func<int> count, int more)
    {
        var soon = Soon.Token;
        for (var before = count(); count() < before + more;)
        {
            if (_clients.FirstOrDefault(client => client.IsCompleted) is { } broken) await broken;
            await Task.Delay(10, soon);
        }
    }

    private async Task RunAsync()
    {
        ChainRow? parent = null;
        while (!_ended.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                parent = await _house.Rows.AppendAsync(New(parent is { Depth: < 20 } ? parent : null, bytes: 2000));
                lock (_acknowledged) _acknowledged.Add(parent);
                Interlocked.Increment(ref _stored);
            }
            catch (StoreAwayException)
            {
                Interlocked.Increment(ref _refused);
                await Task.Delay(10);
            }
            // a claim and an append
            Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, 2 * _options.CallTimeMax + Slack);
        }
    }
}
