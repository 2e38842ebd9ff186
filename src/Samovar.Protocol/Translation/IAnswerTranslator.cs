using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;

namespace Samovar.Protocol.Translation;

/// <summary>Translates one turn's events to another protocol: one by one while they come, or all at once when the turn has ended.</summary>
public interface IAnswerTranslator
{
    /// <summary>Adds the events that the next event of the turn becomes; none where the protocol has no counterpart.</summary>
    void Translate(EventView e, ICollection<WireEvent> events);

    /// <summary>The whole answer as one JSON object.</summary>
    /// <param name="events">The turn's, without deltas.</param>
    /// <param name="last">Its terminal event, which is not a failure.</param>
    byte[] Whole(IEnumerable<EventView> events, EventView last);

    /// <summary>What a stream says whose turn was refused after the answer's head had gone out.</summary>
    WireEvent Refused(ApiException error);

    /// <summary>What ends the event stream.</summary>
    ReadOnlyMemory<byte> StreamEnd { get; }

    /// <summary>What fills long silences of the event stream.</summary>
    ReadOnlyMemory<byte> Silence { get; }
}

/// <summary>One event of another protocol.</summary>
/// <param name="Name">For SSE's event line; null where the protocol has none.</param>
public readonly record struct WireEvent(string? Name, ReadOnlyMemory<byte> Json);
