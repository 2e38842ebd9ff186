using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>Writes a turn's events to its log: numbered, serialised once, none after the terminal one.</summary>
internal sealed class TurnEvents(Response response, ResponseEventOptions wire, TurnOptions options)
{
    private readonly List<Item> _itemsDone = [];

    public EventLog Log { get; } = new(response.Id, options.LogBytesMax);

    /// <summary>The response as it stands while it is in progress.</summary>
    public Response Response { get; } = response;

    public void Publish(ResponseEvent e)
    {
        if (!Log.TryAppend(Write(e))) throw new ApiException(Errors.ResponseTooLarge, $"{options.LogBytesMax} bytes");
        if (e is ResponseEvent.OutputItemDone done) _itemsDone.Add(done.Item);
    }

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

    private LoggedEvent Write(ResponseEvent e)
    {
        var number = Log.NextNumber;
        return new LoggedEvent(number, EventNames.Of(e, wire), EventWriter.Write(e, number, wire), e.IsTerminal);
    }
}
