using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>Writes a turn's events to its log: numbered, serialised once, none after the terminal one.</summary>
/// <param name="response">The response as it begins.</param>
/// <param name="wire">How the client wants its events written.</param>
/// <param name="options">Bounds.</param>
/// <param name="room">Where what is not read is counted; null: nowhere.</param>
internal sealed class TurnEvents(Response response, ResponseEventOptions wire, TurnOptions options, LogRoom? room) : IDisposable
{
    private const int DeltaBytes = 512; // an event's JSON around what it says
    private const int TextInDone = 4; // a text's end is told by three events, and its UTF-8 may be longer than its characters
    private readonly List<Item> _itemsDone = [];
    private readonly OutputWeight _output = new(room?.ForOutput());
    private long _snapshotBytes;

    public EventLog Log { get; } = new(response.Id, new LogBounds(options.LogBytesMax, options.UnreadBytesMax, room));

    /// <summary>The response as it stands while it is in progress.</summary>
    public Response Response { get; } = response;

    public void Publish(ResponseEvent e)
    {
        Append(Write(e));
        _output.Add(e);
        if (e is ResponseEvent.OutputItemDone done) _itemsDone.Add(done.Item);
    }

    /// <summary>Publishes the response as it begins; waits while there is no room for it.</summary>
    public async ValueTask PublishAsync(ResponseEvent snapshot, CancellationToken turnEnds)
    {
        var written = Write(snapshot);
        _snapshotBytes = written.Json.Length;
        await Log.RoomAsync(_snapshotBytes + EventLog.EventBytes, turnEnds);
        Append(written);
    }

    /// <summary>
    /// Waits until what a backend reports may be told: while the log's readers are far behind, whatever makes the events pauses with it,
    /// since nobody asks it for the next one.
    /// </summary>
    public ValueTask RoomForAsync(BackendEvent e, CancellationToken turnEnds) => Log.RoomAsync(
        e switch
        {
            BackendEvent.Delta delta => DeltaBytes + (2L * delta.Text.Length) + delta.Logprobs.Utf8.Length,
            BackendEvent.ItemDone done => DeltaBytes + (TextInDone * _output.OpenChars) + done.Whole.Utf8.Length,
            BackendEvent.CarriedItem carried => DeltaBytes + (2L * carried.Item.Utf8.Length),
            BackendEvent.CarriedEvent carried => DeltaBytes + carried.Json.Utf8.Length,
            BackendEvent.Finished => DeltaBytes + _snapshotBytes + (TextInDone * _output.OpenChars) + _output.DoneBytes,
            _ => DeltaBytes,
        },
        turnEnds);

    /// <summary>Makes the terminal event's bytes, so that nothing can go wrong between keeping the response and telling of it.</summary>
    public LoggedEvent Prepare(Response last) => Write(last.Status switch
    {
        ResponseStatus.Completed => new ResponseEvent.Completed(last),
        ResponseStatus.Incomplete => new ResponseEvent.Incomplete(last),
        _ => new ResponseEvent.Failed(last),
    });

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
        if (!Log.TryAppend(e, isMoreAtHand: true)) throw new ApiException(Errors.ResponseTooLarge, $"{options.LogBytesMax} bytes");
    }

    private LoggedEvent Write(ResponseEvent e)
    {
        var number = Log.NextNumber;
        return new LoggedEvent(number, EventNames.Of(e, wire), EventWriter.Write(e, number, wire), e.IsTerminal);
    }
}
