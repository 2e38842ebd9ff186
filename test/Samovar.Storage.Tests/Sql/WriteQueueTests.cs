using Samovar.Storage.Sql;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Sql;

/// <summary>Which writes travel together.</summary>
public sealed class WriteQueueTests
{
    private readonly StoreOptions _options = new() { BatchMax = 4 };
    private readonly WriteQueue _queue;

    public WriteQueueTests() => _queue = new WriteQueue(_options);

    [Fact]
    public void TenantsComeInTurn_EachInItsOrder()
    {
        var flood = Enumerable.Range(0, 100).Select(_ => Add("tea")).ToList();
        var (one, two) = (Add("coffee"), Add("coffee"));
        Assert.Equal([flood[0], one, flood[1], two], Take());
        Assert.Equal(flood[2..6], Take());
        Assert.Equal(94, _queue.Count);
    }

    [Fact]
    public void HeavyWrite_TakesNoMoreAlong()
    {
        var rows = (int)(_options.BatchBytesMax / 256) + 1;
        PendingWrite light = Add("tea"), heavy = Add("tea", rows), next = Add("tea", rows), last = Add("coffee");
        Assert.Equal([light, last, heavy], Take());
        Assert.Equal([next], Take());
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void FloodOfATenant_LeavesPlacesToOthers_AndToTheStore()
    {
        _options.WaitingMax = 64;
        var flood = 0;
        while (TryAdd("tea")) flood++;
        Assert.Equal(56, flood); // an eighth is left
        Assert.True(TryAdd("coffee"));
        Assert.False(TryAdd("coffee")); // of the few that are left nobody has more than an eighth
        for (var own = 0; own < 7; own++) Assert.True(_queue.TryAdd(new PendingWrite([], 0)));
        Assert.False(TryAdd("cocoa"));
        Assert.Equal(4, Take().Count);
        Assert.True(TryAdd("cocoa"));
    }

    [Fact]
    public void FloodOfBytesOfATenant_LeavesBytesToOthers()
    {
        _options.WaitingBytesMax = 64 * 1024;
        while (TryAdd("tea", bytes: 1024)) { }
        Assert.True(TryAdd("coffee", bytes: 8 * 1024));
        Assert.False(TryAdd("cocoa", bytes: 2 * 1024));
    }

    /// <summary>As the locks of all conversations are renewed.</summary>
    [Fact]
    public void WriteOfSeveralTenants_TakesTheShareOfNone()
    {
        _options.WaitingMax = 64;
        while (TryAdd("tea")) { }
        SqlStatement[] both = [new("", ("@tenant", "tea")), new("", ("@tenant", "coffee"))];
        Assert.True(_queue.TryAdd(new PendingWrite(both, bytes: 10)));
    }

    [Fact]
    public async Task WhoeverWaits_LearnsOfAWrite_AndOfTheEnd()
    {
        var waiting = _queue.WaitAsync();
        Assert.False(waiting.IsCompleted);
        var write = Add("tea");
        Assert.True(await Soon.In(waiting));
        Assert.Equal([write], Take());
        waiting = _queue.WaitAsync();
        _queue.End();
        Assert.False(await Soon.In(waiting));
        Assert.True(_queue.IsOver);
        Assert.False(_queue.TryAdd(new PendingWrite([], 0)));
    }

    private PendingWrite Add(string tenant, int rows = 1)
    {
        var write = new PendingWrite([new SqlStatement("", ("@other", 1), ("@tenant", tenant)) { Rows = rows }], bytes: 10);
        Assert.True(_queue.TryAdd(write));
        return write;
    }

    private bool TryAdd(string tenant, long bytes = 10) =>
        _queue.TryAdd(new PendingWrite([new SqlStatement("", ("@tenant", tenant))], bytes));

    private List<PendingWrite> Take()
    {
        var batch = new List<PendingWrite>();
        Assert.True(_queue.Take(batch));
        return batch;
    }
}
