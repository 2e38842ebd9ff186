using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>Writes a turn's events to its log: numbered, serialised once, none after the terminal one.</summary>
/// <param name="response">The response as it begins.</param>
/// <param name="request">How the client wants its events, and where what is not read is counted.</param>
/// <param name="options">Bounds.</param>
/// <param name="times">Where the time of those goes who write them; null where that is not noted.</param>
/// <param name="begun">The log that its client reads already, of a turn that another node began; null: there is none.</param>
internal sealed class TurnEvents(
    Response response, TurnRequest request, TurnOptions options, TurnTrace? times = null, EventLog? begun = null) : IDisposable
{
    private const int KeptBytesMax = 4 << 10; // larger ones are written once, and counted as they are
    private const int KeptSnapshotBytesMax = 256 << 10; // what it echoes is its turn's, and is there once
    private const int DeltaBytes = 512; // an event's JSON around what it says
    private const int TextInDone = 4; // a text's end takes three events, and its UTF-8 may be longer than its characters
    private readonly List<Item> _itemsDone = new(1); // mostly
    private readonly OutputWeight _output = new(request.Logs?.ForOutput());
    private readonly Lock _gate = new(); // numbers are given out here: what was said meanwhile is reported by another thread
    private bool _isEnding;
    private long _snapshotBytes;
    private long _unsentBytes; // of events that nobody asked for

    public EventLog Log { get; } = begun ?? new(response.Id, BoundsOf(request, options, times));

    /// <summary>How large the log of such a turn may become.</summary>
    public static LogBounds BoundsOf(TurnRequest request, TurnOptions options, TurnTrace? times) =>
        new(options.LogBytesMax, options.UnreadBytesMax, request.Logs, request.Queued?.NextNumber ?? 0) { Times = times };

    /// <summary>The response as it stands while it is in progress.</summary>
    public Response Response { get; } = response;

    /// <summary>Takes the pieces of texts whose events nobody asked for; null where somebody did.</summary>
    public Action<string, RawJson>? Unheard => request.Form == LogForm.EndAlone ? LeaveOut : null;

    public void Publish(ResponseEvent e)
    {
        if (request.Form == LogForm.EndAlone) LeaveOut(e);
        else lock (_gate) Append(Write(e));
        _output.Add(e);
        if (e is ResponseEvent.OutputItemDone done) _itemsDone.Add(done.Item);
    }

    /// <summary>Publishes the response as it begins; waits while there is no room for it.</summary>
    public async ValueTask PublishAsync(ResponseEvent snapshot, CancellationToken turnEnds)
    {
        if (request.Form == LogForm.EndAlone)
        {
            _snapshotBytes = EventWeight.Of(Response);
            LeaveOut(snapshot);
            return;
        }
        var written = Write(snapshot);
        _snapshotBytes = written.Bytes;
        if (begun is not null && IsThere(snapshot)) return;
        await Log.RoomAsync(_snapshotBytes + EventLog.EventBytes, turnEnds);
        lock (_gate) Append(written.Number == Log.NextNumber ? written : Write(snapshot));
    }

    /// <summary>
    /// Reports what does not come from the turn itself; its readers are to be woken. False, and nothing reported, where the last event is
    /// made already or the turn has said too much. Safe at any time.
    /// </summary>
    public bool TryPublishBeside(ResponseEvent e)
    {
        lock (_gate) return !_isEnding && Log.TryAppend(Write(e), isMoreAtHand: true);
    }

    /// <summary>
    /// Waits until what a backend reports may be written: while the log's readers are far behind, whatever makes the events pauses with it,
    /// since nobody asks it for the next one.
    /// </summary>
    public ValueTask RoomForAsync(BackendEvent e, CancellationToken turnEnds) =>
        request.Form == LogForm.EndAlone && e is not BackendEvent.Finished ? ValueTask.CompletedTask : Log.RoomAsync(
        e switch
        {
            BackendEvent.Delta delta => DeltaBytes + (2L * delta.Text.Length) + delta.Logprobs.Utf8.Length,
            BackendEvent.ItemDone done => DeltaBytes + (TextInDone * _output.OpenChars) + done.Whole.Utf8.Length + done.Extra.Utf8.Length,
            BackendEvent.CarriedItem carried => DeltaBytes + (2L * carried.Item.Utf8.Length),
            BackendEvent.Annotation annotation => DeltaBytes + annotation.Json.Utf8.Length,
            BackendEvent.CarriedEvent carried => DeltaBytes + carried.Json.Utf8.Length,
            BackendEvent.Finished => DeltaBytes + _snapshotBytes + (TextInDone * _output.OpenChars) + _output.DoneBytes,
            _ => DeltaBytes,
        },
        turnEnds);

    /// <summary>Makes the terminal event's bytes, so that nothing can go wrong between keeping the response and reporting it.</summary>
    public LoggedEvent Prepare(Response last)
    {
        lock (_gate) _isEnding = true;
        return Write(last.Status switch
        {
            ResponseStatus.Completed => new ResponseEvent.Completed(last),
            ResponseStatus.Incomplete => new ResponseEvent.Incomplete(last),
            _ => new ResponseEvent.Failed(last),
        });
    }

    /// <summary>Items that are done, for a response that ends badly.</summary>
    public IReadOnlyList<Item> ItemsDone => _itemsDone;

    public void PublishEnd(LoggedEvent end) => Log.TryAppend(end);

    /// <summary>The turn is over: what it held of its output is its response's now.</summary>
    public void Dispose() => _output.Dispose();

    /// <summary>The turn is over before anybody could read of it.</summary>
    public void Abandon()
    {
        Log.Abandon();
        Dispose();
    }

    private void Append(LoggedEvent e)
    {
        if (!Log.TryAppend(e, isMoreAtHand: true)) throw TooLarge();
    }

    /// <summary>Whether its client has read it from the node that began the turn.</summary>
    private bool IsThere(ResponseEvent snapshot) => Log.NextNumber > (snapshot is ResponseEvent.Created ? 0 : 1);

    /// <summary>An event that nobody asked for is not kept, but a turn may say no more than others.</summary>
    private void LeaveOut(ResponseEvent e) => LeaveOut(EventWeight.Of(e));

    private void LeaveOut(string text, RawJson logprobs)
    {
        LeaveOut(EventWeight.Of(text, logprobs));
        _output.Add(text.Length);
    }

    private void LeaveOut(long bytes)
    {
        _unsentBytes += bytes;
        if (_unsentBytes > options.LogBytesMax) throw TooLarge();
    }

    private LoggedEvent Write(ResponseEvent e)
    {
        var (number, type) = (Log.NextNumber, EventNames.Of(e, request.Events));
        var isKept = request.Form == LogForm.Events || IsSmall(e);
        return isKept ? new LoggedEvent(number, type, default, e.IsTerminal) { Event = e, Options = request.Events }
            : new LoggedEvent(number, type, EventWriter.Write(e, number, request.Events), e.IsTerminal);
    }

    /// <summary>Whether an event holds no more than its JSON would, and little. The last one is written before its response is kept, and a
    /// carried event may be one that cannot be written, which its turn must notice.</summary>
    private static bool IsSmall(ResponseEvent e) => e switch
    {
        ResponseEvent.Created or ResponseEvent.InProgress => EventWeight.Of(e) <= KeptSnapshotBytesMax,
        { IsTerminal: true } or ResponseEvent.Carried => false,
        _ => EventWeight.Of(e) <= KeptBytesMax,
    };

    private ApiException TooLarge() => new(Errors.ResponseTooLarge, $"{options.LogBytesMax} bytes");
}
