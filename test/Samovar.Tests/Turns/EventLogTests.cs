using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

public sealed class EventLogTests
{
    private readonly EventLog _log = new(new ResponseId("resp_1"), bytesMax: 100);

    [Fact]
    public async Task Reader_GetsEachEventOnce_AtItsOwnPace()
    {
        Append(0, "a");
        var slow = _log.WaitAsync(1, Soon.Token).AsTask();
        Assert.False(slow.IsCompleted);
        Append(1, "b");
        Assert.True(await slow);
        Append(2, "c", isTerminal: true);
        Assert.Equal(["a", "b", "c"], await AllAsync());
        Assert.Equal(["a", "b", "c"], await AllAsync()); // and again, for whoever comes late
    }

    [Fact]
    public async Task ManyReaders_WaitForOneEvent()
    {
        var readers = Enumerable.Range(0, 8).Select(_ => _log.WaitAsync(0, Soon.Token).AsTask()).ToArray();
        Append(0, "a");
        Assert.All(await Task.WhenAll(readers), Assert.True);
    }

    [Fact]
    public async Task WaitingReader_IsToldThatNothingComes_AfterTheEnd()
    {
        var waiting = _log.WaitAsync(1, Soon.Token).AsTask();
        Append(0, "a", isTerminal: true);
        Assert.False(await waiting);
        Assert.True(_log.Ended.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task ReaderThatLeaves_StopsNobody()
    {
        using var leaves = new CancellationTokenSource();
        var leaving = _log.WaitAsync(0, leaves.Token).AsTask();
        var staying = _log.WaitAsync(0, Soon.Token).AsTask();
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
        var waiting = _log.WaitAsync(0, Soon.Token).AsTask();
        _log.Close();
        _log.Close();
        Assert.False(await waiting);
    }

    private void Append(long number, string text, bool isTerminal = false) => Assert.True(_log.TryAppend(Event(number, text, isTerminal)));

    private static LoggedEvent Event(long number, string text, bool isTerminal = false) =>
        new(number, "e", Encoding.UTF8.GetBytes(text), isTerminal);

    private async Task<List<string>> AllAsync()
    {
        var all = new List<string>();
        for (var number = 0L; await _log.WaitAsync(number, Soon.Token); number++)
            if (_log.TryRead(number, out var e)) all.Add(Encoding.UTF8.GetString(e.Json.Span));
        return all;
    }
}
