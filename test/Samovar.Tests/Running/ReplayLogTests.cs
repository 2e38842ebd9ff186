using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Running;

public sealed class ReplayLogTests
{
    private const int EventBytes = 1000; // with what is held beside its JSON
    private long _taken;

    [Fact]
    public async Task OldestEvents_Go_BeyondTheBound_AndWhoNeedsThemIsLost()
    {
        var log = Log(bytesMax: 4 * EventBytes);
        using var slow = log.Open();
        Add(log, 3);
        Assert.True(slow.TryRead(out var first));
        Assert.Equal(0, first.Number);
        Add(log, 10);
        Assert.False(await slow.WaitAsync(Soon.Token));
        Assert.True(slow.IsLost);
        Assert.False(log.Reaches(after: 0));
        Assert.True(log.Reaches(after: 11));
        Assert.InRange(_taken, EventBytes, 4 * EventBytes);
        using var reader = log.Open(after: 11);
        Assert.True(reader.TryRead(out var next));
        Assert.Equal(12, next.Number);
        Assert.False(reader.IsLost);
    }

    [Fact]
    public async Task Writer_WaitsForAnAttachedReader_WhichLosesNothing()
    {
        var log = Log(bytesMax: 4 * EventBytes, ahead: 2 * EventBytes);
        using var reader = log.Open();
        Add(log, 2);
        Assert.True(log.NearAsync(Soon.Token).AsTask().IsCompleted);
        Add(log, 1);
        var near = log.NearAsync(Soon.Token).AsTask();
        Assert.False(near.IsCompleted);
        Assert.True(reader.TryRead(out _));
        Assert.False(near.IsCompleted); // it may not be written yet
        Assert.True(reader.TryRead(out _));
        await Soon.In(near);
        Add(log, 20); // a writer that does not wait: what the reader needs stays all the same
        for (var number = 2; number < 23; number++)
        {
            Assert.True(reader.TryRead(out var e));
            Assert.Equal(number, e.Number);
        }
    }

    [Fact]
    public async Task Reader_BehindTheEnd_GetsNothing_AndOneAheadWaits()
    {
        var log = Log(bytesMax: 100 * EventBytes);
        Add(log, 2);
        using var ahead = log.Open(after: 2);
        var waiting = ahead.WaitAsync(Soon.Token);
        Add(log, 1);
        Assert.False(waiting.IsCompleted);
        Add(log, 1, isTerminal: true);
        Assert.True(await waiting);
        Assert.True(ahead.TryRead(out var e) && e is { Number: 3, IsTerminal: true });
        using var behind = log.Open(after: 3);
        Assert.False(await behind.WaitAsync(Soon.Token));
        Assert.False(behind.IsLost);
        log.Forget();
        Assert.Equal(0, _taken);
        Assert.False(log.Reaches(after: 0));
    }

    [Fact]
    public void Budget_IsBoundedByTenant_ByNode_AndByTheShareOfLogs()
    {
        var share = new ByteShare("logs", 1_000_000);
        var budget = new ReplayBudget(new FlowShare(share, multiple: null, firstBytes: 0),
            new ReplayOptions { TenantBytesMax = 100_000, BytesMax = 150_000 });
        ReplayOwner tea = new(new TenantId("tea"), new FlowId("tea")), coffee = new(new TenantId("coffee"), new FlowId("coffee"));
        Assert.True(budget.TryTake(tea, 100_000));
        Assert.False(budget.TryTake(tea, 1));
        Assert.False(budget.IsNodeFull(tea.Tenant, 1));
        Assert.True(budget.TryTake(coffee, 50_000));
        Assert.False(budget.TryTake(coffee, 1));
        Assert.True(budget.IsNodeFull(coffee.Tenant, 1));
        Assert.Equal((150_000, 150_000), (budget.Bytes, share.Bytes));
        budget.GiveBack(tea, 100_000);
        Assert.True(budget.TryTake(coffee, 1));
    }

    private ReplayLog Log(long bytesMax, long? ahead = null) => new(new ResponseId("resp_1"), bytesMax, ahead,
        bytes =>
        {
            _taken += bytes;
            return true;
        },
        bytes => _taken += bytes);

    private static void Add(ReplayLog log, int count, bool isTerminal = false)
    {
        for (var i = 0; i < count; i++)
            log.Add(new LoggedEvent(log.NextNumber, "x", Encoding.UTF8.GetBytes(new string('x', EventBytes - 96)), isTerminal));
    }
}
