using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>Makes the terminal event of a turn whose maker did not, from what its events have said.</summary>
internal static class EndOfEvents
{
    /// <param name="snapshot">The newest event that has the response in it.</param>
    /// <param name="items">Items that are done.</param>
    /// <param name="error">Null: it was cancelled.</param>
    /// <param name="number">Of the event.</param>
    public static LoggedEvent Of(LoggedEvent snapshot, IReadOnlyList<RawJson> items, ApiException? error, long number)
    {
        var response = EventSplice.ResponseOf(snapshot.Json).Utf8;
        var ended = error is null ? ResponseSplice.With(response, ResponseStatus.Cancelled, [])
            : ResponseSplice.With(response, ResponseStatus.Failed, items, ErrorBody.OfResponse(error));
        return new LoggedEvent(number, "response.failed", ResponseSplice.EndEvent(ended, number), IsTerminal: true);
    }
}
