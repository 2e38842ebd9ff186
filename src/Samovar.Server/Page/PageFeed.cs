using System.Text.Json;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Page;

/// <summary>What all pages of one tenant, or of all operators, hear: one state, and one change a tick while anything changes.</summary>
/// <remarks>
/// Changes lie in a bounded history, written once; each page reads it at its own pace by number, and gets all again where it is further
/// behind. While nobody watches nothing is read; after <c>Page:ResumeMax</c> the feed ends.
/// </remarks>
internal sealed partial class PageFeed
{
    private readonly Lock _gate = new();
    private readonly Queue<PageEvent> _history = new();
    private readonly PageBook _book;
    private readonly PageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _epoch;
    private readonly Task _loop;
    private readonly CancellationToken _closing;
    private long _historyBytes;
    private int _watchers;
    private TaskCompletionSource _watched = New();
    private TaskCompletionSource _changed = New();
    private PageState? _state; // null before the first tick, and until the first one after nobody watched
    private PageState? _last;
    private PageEvent? _whole; // of the state, written when somebody needs it

    /// <param name="scope">Whose pages; null: operators'.</param>
    /// <param name="epoch">Tells its numbers from those of another feed.</param>
    /// <param name="ended">Called when nobody has watched for long, and nobody can join any more.</param>
    public PageFeed(TenantId? scope, PageBook book, PageOptions options, string epoch, Action<PageFeed> ended, TimeProvider time,
        ILogger logger, CancellationToken closing)
    {
        (Scope, _book, _options, _epoch) = (scope, book, options, epoch);
        (_time, _logger, _closing) = (time, logger, closing);
        _loop = RunAsync(ended);
    }

    public TenantId? Scope { get; }

    /// <summary>Pages that are open.</summary>
    public int Watchers { get { lock (_gate) return Math.Max(0, _watchers); } }

    /// <summary>Ends with the feed.</summary>
    public Task Ended => _loop;

    /// <summary>False where the feed has ended.</summary>
    public bool TryJoin()
    {
        lock (_gate)
        {
            if (_watchers < 0) return false;
            if (_watchers++ == 0) _watched.TrySetResult();
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            if (--_watchers > 0) return;
            _watched = New();
            _state = null; // who joins hears nothing old
            _whole = null;
        }
    }

    /// <summary>What comes behind an event; null where nothing does yet, and then what to wait for.</summary>
    /// <param name="after">Null: nothing was heard yet.</param>
    public PageEvent? Next(PageMark? after, out Task changed)
    {
        lock (_gate)
        {
            changed = _changed.Task;
            if (_state is null) return null;
            if (after is { } mark && mark.Epoch == _epoch)
            {
                if (mark.Seq == _state.Seq) return null;
                if (_history.TryPeek(out var oldest) && mark.Seq >= oldest.Mark.Seq - 1 && mark.Seq < _state.Seq)
                    return _history.First(change => change.Mark.Seq > mark.Seq);
            }
            return _whole ??= Whole(_state);
        }
    }

    private PageEvent Whole(PageState state)
    {
        state = state with { Server = state.Server with { Now = PageNames.Milliseconds(_time.GetUtcNow()) } };
        return new PageEvent(new PageMark(_epoch, state.Seq), "state",
            JsonSerializer.SerializeToUtf8Bytes(state, PageJson.Default.PageState));
    }

    private async Task RunAsync(Action<PageFeed> ended)
    {
        await Task.Yield();
        try
        {
            while (await IsWatchedAsync())
            {
                _book.Ended.Watch();
                try { await FollowAsync(); }
                finally { _book.Ended.Unwatch(); }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // the server stops
        }
        finally
        {
            lock (_gate)
            {
                _watchers = int.MinValue / 2;
                _changed.TrySetResult();
            }
            ended(this);
        }
    }

    /// <summary>Waits for somebody who watches; false where nobody came.</summary>
    private async Task<bool> IsWatchedAsync()
    {
        Task watched;
        lock (_gate) watched = _watched.Task;
        try
        {
            await watched.WaitAsync(_options.ResumeMax, _time, _closing);
            return true;
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                if (_watchers > 0) return true;
                _watchers = int.MinValue / 2;
                return false;
            }
        }
    }

    private async Task FollowAsync()
    {
        while (Watchers > 0)
        {
            try { await TickAsync(); }
            catch (Exception exception) when (exception is not OperationCanceledException) // one reading: the next may be better
            {
                Log.NotRead(_logger, exception);
            }
            await Task.Delay(_options.Interval, _time, _closing);
        }
    }

    private async Task TickAsync()
    {
        var seq = (_last?.Seq ?? 0) + 1;
        var now = await _book.ReadAsync(seq, _closing);
        var delta = _last is null ? null : PageDiff.Of(_last, now);
        if (_last is not null && delta is null) now = _last;
        var change = delta is null ? null
            : new PageEvent(new PageMark(_epoch, seq), "delta", JsonSerializer.SerializeToUtf8Bytes(delta, PageJson.Default.PageDelta));
        lock (_gate)
        {
            var isNews = change is not null || _state is null;
            _last = now;
            if (_watchers > 0) _state = now;
            if (change is not null) Keep(change);
            if (!isNews) return;
            _whole = null;
            _changed.TrySetResult();
            _changed = New();
        }
    }

    private void Keep(PageEvent change)
    {
        _history.Enqueue(change);
        _historyBytes += change.Json.Length;
        while (_history.Count > _options.HistoryMax || _historyBytes > _options.HistoryBytesMax && _history.Count > 1)
            _historyBytes -= _history.Dequeue().Json.Length;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(8902, LogLevel.Error, "What the page shows could not be read")]
        public static partial void NotRead(ILogger logger, Exception exception);
    }
}

/// <summary>Names an event: the browser gives it back when its connection was cut.</summary>
internal readonly record struct PageMark(string Epoch, long Seq)
{
    public static PageMark? Read(string? text)
    {
        var dash = text?.LastIndexOf('-') ?? -1;
        return dash > 0 && long.TryParse(text.AsSpan(dash + 1), System.Globalization.NumberStyles.None, null, out var seq)
            ? new PageMark(text![..dash], seq) : null;
    }

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Epoch}-{Seq}");
}

/// <param name="Name"><c>state</c> or <c>delta</c>.</param>
internal sealed record PageEvent(PageMark Mark, string Name, ReadOnlyMemory<byte> Json);
