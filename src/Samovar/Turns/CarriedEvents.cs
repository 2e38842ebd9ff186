using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>Events of a turn that another node makes, in the log that its client reads here.</summary>
/// <remarks>A turn that is sent again goes on behind the newest event, or comes from its first event on: what is here already is passed
/// over.</remarks>
/// <param name="id">Whose events they are.</param>
/// <param name="form">What of them is kept.</param>
/// <param name="bounds">Of what is kept.</param>
/// <param name="areTranslated">Whether another API's stream is made of them, which has no place for a whole item.</param>
internal sealed class CarriedEvents(ResponseId id, LogForm form, LogBounds bounds, bool areTranslated = false)
{
    private readonly List<RawJson> _items = []; // those that are done
    private readonly bool _needsAll = areTranslated && form != LogForm.EndAlone;
    private LoggedEvent _snapshot; // the newest event that has the response in it
    private long _newest = -1; // that came, kept or not

    public EventLog Log { get; } = new(id, bounds);

    /// <summary>Whether there is anything of the output among what its client can have read.</summary>
    public bool WasHeard { get; private set; }

    /// <summary>The number of the last event that need not come again; -1 where there is none.</summary>
    public long Newest => form == LogForm.EndAlone ? _newest : Log.NextNumber - 1;

    /// <summary>Adds the next event, when its readers have room for it.</summary>
    /// <returns>False, and nothing added, where it is not the one that follows, or the turn says too much.</returns>
    public async ValueTask<bool> TryAddAsync(LoggedEvent e, CancellationToken turnEnds)
    {
        if (e.Number < Log.NextNumber && !e.IsTerminal) return true;
        if (form == LogForm.EndAlone) NoteNumber(e.Number);
        if (IsOutput(e)) Note(e);
        else _snapshot = e;
        if (form == LogForm.EndAlone && !e.IsTerminal) return true;
        if (_needsAll && e.Number != Log.NextNumber) return false; // what is missing would be missing from another API's stream
        var next = e.IsTerminal && e.Number != Log.NextNumber ? Renumbered(e) : e;
        if (next.Number != Log.NextNumber) return false;
        var room = Log.RoomAsync(next.Written.Length + EventLog.EventBytes, turnEnds);
        if (!room.IsCompletedSuccessfully) await room;
        WasHeard |= IsOutput(e);
        return Log.TryAppend(next);
    }

    /// <summary>The last event, where the one who made it is lost.</summary>
    /// <param name="error">Null: it was cancelled.</param>
    public void End(ApiException? error)
    {
        if (Log.IsEnded || _snapshot.Written.IsEmpty) return;
        Log.TryAppend(EndOfEvents.Of(_snapshot, _items, error, Log.NextNumber));
    }

    /// <summary>What is told from its first event on again is told whole, or is another attempt.</summary>
    private void NoteNumber(long number)
    {
        if (number <= _newest) _items.Clear();
        _newest = number;
    }

    private void Note(LoggedEvent e)
    {
        if (e.Type == "response.output_item.done" && new RawJson(e.Json).OwnField("item"u8) is { IsEmpty: false } item) _items.Add(item);
    }

    /// <summary>The end of a turn that was told whole, or of which its client reads nothing else.</summary>
    private LoggedEvent Renumbered(LoggedEvent end) => end with
    {
        Number = Log.NextNumber,
        Written = ResponseSplice.EndEvent(EventSplice.ResponseOf(end.Json).Utf8, Log.NextNumber),
    };

    private static bool IsOutput(LoggedEvent e) =>
        !e.IsTerminal && e.Type is not ("response.created" or "response.queued" or "response.in_progress");
}
