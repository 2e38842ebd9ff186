using System.Text;
using Samovar.Budgets;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

public sealed class EventLogTests
{
    private readonly EventLog _log = new(new ResponseId("resp_1"), new LogBounds(BytesMax: 100));

    [Fact]
    public async Task Reader_GetsEachEventOnce_AtItsOwnPace()
    {
        using var slow = _log.Open();
        Append(0, "a");
        Assert.True(slow.TryRead(out _));
        var next = slow.WaitAsync(Soon.Token).AsTask();
        Assert.False(next.IsCompleted);
        Append(1, "b");
        Assert.True(await next);
        Append(2, "c", isTerminal: true);
        using var fast = _log.Open();
        Assert.Equal(["b", "c"], await AllAsync(fast)); // what every reader had passed is no longer there
        Assert.Equal(["b", "c"], await AllAsync(slow));
    }

    [Fact]
    public async Task WhatEveryReaderPassed_IsNotKept()
    {
        Append(0, "aaaa");
        var (one, other) = (_log.Open(), _log.Open());
        Assert.True(one.TryRead(out _));
        Assert.False(one.TryRead(out _)); // it is done with the first
        Assert.Equal(4 + EventLog.EventBytes, _log.Unread);
        Assert.True(other.TryRead(out _));
        Assert.False(other.TryRead(out _));
        Assert.Equal(0, _log.Unread);
        Append(1, "b");
        one.Dispose();
        other.Dispose();
        Assert.Equal(0, _log.Unread);
        Append(2, "c", isTerminal: true);
        Assert.Equal(0, _log.Unread); // nobody is there to read it
        using var late = _log.Open();
        Assert.False(await late.WaitAsync(Soon.Token));
    }

    [Fact]
    public async Task ReaderOfTheEnd_KeepsNothingElse()
    {
        Append(0, "a");
        using var reader = _log.OpenForEnd();
        Assert.Equal(0, _log.Unread);
        Append(1, "b");
        Assert.Equal(0, _log.Unread);
        var waiting = reader.WaitAsync(Soon.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        Append(2, "end", isTerminal: true);
        Assert.True(await waiting);
        Assert.True(reader.TryRead(out var last) && last.IsTerminal);
    }

    [Fact]
    public async Task Writer_Waits_WhileItsReadersAreFarBehind()
    {
        using var shares = new Shares(logs: 1 << 20, connection: 1 << 20);
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(1 << 20, UnreadBytesMax: 1000, shares.Room));
        await log.RoomAsync(600, Soon.Token);
        Assert.True(log.TryAppend(Event(0, new string('a', 600))));
        var room = log.RoomAsync(600, Soon.Token).AsTask();
        Assert.False(room.IsCompleted);
        using (var reader = log.Open())
        {
            Assert.True(reader.TryRead(out _));
            Assert.False(room.IsCompleted); // it is still being written
            Assert.False(reader.TryRead(out _));
            await Soon.In(room);
        }
        Assert.Equal(0, shares.Memory.Logs.Share.Bytes);
    }

    [Fact]
    public async Task Writers_ShareTheRoomOfTheirConnection_AndGiveItBackWhenTheyAreRead()
    {
        using var shares = new Shares(logs: 8 << 20, connection: 100_000);
        var logs = Enumerable.Range(0, 3)
            .Select(i => new EventLog(new ResponseId($"resp_{i}"), new LogBounds(1 << 20, 1 << 20, shares.Room))).ToList();
        foreach (var log in logs[..2])
        {
            await log.RoomAsync(40_000, Soon.Token);
            log.TryAppend(Event(0, new string('a', 40_000)));
        }
        var waiting = logs[2].RoomAsync(40_000, Soon.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        logs[0].TryAppend(Event(1, "end", isTerminal: true));
        Assert.False(waiting.IsCompleted); // finished, but not read
        using (var reader = logs[0].Open()) await AllAsync(reader);
        await Soon.In(waiting);
        shares.Room.Dispose(); // the connection is gone: nobody will read the others
        Assert.Equal(0, shares.Memory.Logs.Share.Bytes);
    }

    [Theory]
    [InlineData(8 << 20, 100_000)]
    [InlineData(400_000, 8 << 20)]
    public async Task EventThatIsLargerThanTheBound_IsPublished_WhenItsReaderHasReadEverything(long logs, long connection)
    {
        using var shares = new Shares(logs, connection);
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(8 << 20, UnreadBytesMax: 1 << 20, shares.Room));
        using var reader = log.Open();
        for (var number = 0; number < 40; number++)
        {
            var bytes = number % 10 == 9 ? 500_000 : 3000;
            await Soon.In(log.RoomAsync(bytes + EventLog.EventBytes, Soon.Token).AsTask());
            Assert.True(log.TryAppend(Event(number, new string('a', bytes))));
            Assert.True(reader.TryRead(out _));
            Assert.False(reader.TryRead(out _));
        }
        Assert.InRange(shares.Memory.Logs.Share.Bytes, 0, 100_000); // it keeps a little to go on with
        log.TryAppend(Event(40, "end", isTerminal: true));
        await AllAsync(reader);
        Assert.Equal(0, shares.Memory.Logs.Share.Bytes);
    }

    [Fact]
    public async Task RoomThatWasTaken_IsKept_UntilItsEventComes()
    {
        using var shares = new Shares(logs: 8 << 20, connection: 1 << 20);
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(8 << 20, 1 << 20, shares.Room));
        await log.RoomAsync(300_000, Soon.Token);
        Assert.InRange(shares.Memory.Logs.Share.Bytes, 300_000, 350_000);
        log.Abandon();
    }

    [Fact]
    public async Task LogThatNobodyWillRead_HoldsNothing()
    {
        using var shares = new Shares(logs: 1 << 20, connection: 1 << 20);
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(1 << 20, 1 << 20, shares.Room));
        await log.RoomAsync(40_000, Soon.Token);
        log.Abandon();
        Assert.Equal(0, shares.Memory.Logs.Share.Bytes);
        Assert.True(log.Ended.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task OutputOfRunningTurns_NeverKeepsTheLastEventsOfOneWaiting()
    {
        using var shares = new Shares(logs: 1 << 20, connection: 8 << 20);
        var outputs = Enumerable.Range(0, 4).Select(_ => shares.Room.ForOutput()).ToList();
        foreach (var output in outputs) Assert.True(output.TrySet(400_000));
        Assert.True(shares.Memory.Logs.Share.Bytes > 1 << 20);
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(8 << 20, 1 << 20, shares.Room));
        await Soon.In(log.RoomAsync(200_000, Soon.Token).AsTask());
        Assert.False(outputs[0].TrySet(600_000));
        foreach (var output in outputs) output.Dispose();
    }

    [Fact]
    public async Task ManyReaders_WaitForOneEvent()
    {
        var readers = Enumerable.Range(0, 8).Select(_ => _log.Open().WaitAsync(Soon.Token).AsTask()).ToArray();
        Append(0, "a");
        Assert.All(await Task.WhenAll(readers), Assert.True);
    }

    [Fact]
    public async Task WaitingReader_LearnsThatNothingComes_AfterTheEnd()
    {
        using var reader = _log.Open();
        Append(0, "a", isTerminal: true);
        Assert.True(reader.TryRead(out _));
        Assert.False(await reader.WaitAsync(Soon.Token));
        Assert.True(_log.Ended.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task ReaderThatLeaves_StopsNobody()
    {
        using var leaves = new CancellationTokenSource();
        using var gone = _log.Open();
        using var there = _log.Open();
        var leaving = gone.WaitAsync(leaves.Token).AsTask();
        var staying = there.WaitAsync(Soon.Token).AsTask();
        leaves.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Append(0, "a");
        Assert.True(await staying);
    }

    [Fact]
    public void FullLog_TakesNoMore_ButItsEnd()
    {
        Assert.True(_log.TryAppend(Event(0, new string('a', 100))));
        Assert.False(_log.TryAppend(Event(1, "b")));
        Assert.True(_log.TryAppend(Event(1, "end", isTerminal: true)));
        Assert.Equal(103, _log.Bytes);
    }

    [Fact]
    public void NothingIsAppended_OutOfTurn()
    {
        Assert.Throws<InvalidOperationException>(() => _log.TryAppend(Event(1, "b")));
        Append(0, "a", isTerminal: true);
        Assert.Throws<InvalidOperationException>(() => _log.TryAppend(Event(1, "b")));
    }

    [Fact]
    public async Task Close_LetsReadersGo_WhenATurnCouldNotEvenSayItsEnd()
    {
        using var reader = _log.Open();
        var waiting = reader.WaitAsync(Soon.Token).AsTask();
        _log.Close();
        _log.Close();
        Assert.False(await waiting);
    }

    [Fact]
    public async Task WhatComesAtOnce_IsReadAtOnce()
    {
        using var reader = _log.Open();
        var waiting = reader.WaitAsync(Soon.Token).AsTask();
        for (var number = 0; number < 3; number++) Assert.True(_log.TryAppend(Event(number, "a"), isMoreAtHand: true));
        Assert.False(waiting.IsCompleted);
        _log.Wake();
        Assert.True(waiting.IsCompleted && await waiting); // before the call returned
        for (var number = 0; number < 3; number++) Assert.True(reader.TryRead(out _));
        var next = reader.WaitAsync(Soon.Token).AsTask();
        Assert.True(_log.TryAppend(Event(3, "end", isTerminal: true), isMoreAtHand: true)); // nobody waits for an end
        Assert.True(await next);
    }

    [Fact]
    public void LongBurst_IsDue_BeforeItsEnd()
    {
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(BytesMax: 100_000));
        Assert.True(log.TryAppend(Event(0, new string('a', 16_000)), isMoreAtHand: true));
        Assert.False(log.IsDue);
        Assert.True(log.TryAppend(Event(1, new string('a', 1000)), isMoreAtHand: true));
        Assert.True(log.IsDue);
        log.Wake();
        Assert.False(log.IsDue);
    }

    [Fact]
    public async Task ReaderThatIsGone_MissesNothing_WhenItWaitsAgain()
    {
        using var reader = _log.Open();
        using var leaves = new CancellationTokenSource();
        var waiting = reader.WaitAsync(leaves.Token).AsTask();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.WaitAsync(leaves.Token).AsTask());
        Append(0, "a");
        Assert.True(await reader.WaitAsync(Soon.Token));
        Assert.True(reader.TryRead(out _));
    }

    private void Append(long number, string text, bool isTerminal = false) => Assert.True(_log.TryAppend(Event(number, text, isTerminal)));

    private static LoggedEvent Event(long number, string text, bool isTerminal = false) =>
        new(number, "e", Encoding.UTF8.GetBytes(text), isTerminal);

    private static async Task<List<string>> AllAsync(LogReader reader)
    {
        var all = new List<string>();
        while (await reader.WaitAsync(Soon.Token))
            if (reader.TryRead(out var e)) all.Add(Encoding.UTF8.GetString(e.Json.Span));
        return all;
    }

    /// <summary>A connection's room in shares of a test's own.</summary>
    private sealed class Shares : IDisposable
    {
        public Shares(long logs, long connection)
        {
            Memory = new MemoryShares(new MemoryOptions { LogsBytesMax = logs }, chainBytesMax: 0, parkedBytesMax: 0);
            Room = new LogRoom(Memory.Logs, new FlowId("a"), connection);
        }

        public MemoryShares Memory { get; }
        public LogRoom Room { get; }

        public void Dispose() => Room.Dispose();
    }
}
