using Samovar.Protocol.Events;

namespace Samovar.Turns;

/// <summary>One event as it was published.</summary>
/// <param name="Number">Its <c>sequence_number</c>, from 0.</param>
/// <param name="Type">Its <c>type</c>, for SSE's event line.</param>
/// <param name="Json">One whole JSON object in UTF-8, made once for all readers; empty where the log keeps the events themselves.</param>
/// <param name="IsTerminal">Nothing follows.</param>
public readonly record struct LoggedEvent(long Number, string Type, ReadOnlyMemory<byte> Json, bool IsTerminal)
{
    /// <summary>The event itself, where the log keeps those.</summary>
    public ResponseEvent? Event { get; init; }

    /// <summary>What it holds.</summary>
    internal long Bytes => Event is null ? Json.Length : EventWeight.Of(Event);
}
