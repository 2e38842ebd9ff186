namespace Samovar.Turns;

/// <summary>One event as it was published.</summary>
/// <param name="Number">Its <c>sequence_number</c>, from 0.</param>
/// <param name="Type">Its <c>type</c>, for SSE's event line.</param>
/// <param name="Json">One whole JSON object in UTF-8, made once for all readers.</param>
/// <param name="IsTerminal">Nothing follows.</param>
public readonly record struct LoggedEvent(long Number, string Type, ReadOnlyMemory<byte> Json, bool IsTerminal);

/// <summary>The numbered events of one turn: written once, read by any number of readers at their own pace.</summary>
public sealed partial class EventLog
{
}
