using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>One event as it was published.</summary>
/// <param name="Number">Its <c>sequence_number</c>, from 0.</param>
/// <param name="Type">Its <c>type</c>, for SSE's event line.</param>
/// <param name="Written">One whole JSON object in UTF-8; empty where the log keeps the event itself, which is less.</param>
/// <param name="IsTerminal">Nothing follows.</param>
public readonly record struct LoggedEvent(long Number, string Type, ReadOnlyMemory<byte> Written, bool IsTerminal)
{
    /// <summary>The event itself, where the log keeps those: readers write it into what they send.</summary>
    public ResponseEvent? Event { get; init; }

    /// <summary>How the event is written.</summary>
    internal ResponseEventOptions? Options { get; init; }

    /// <summary>The event as one JSON object, written now where it is not yet.</summary>
    public ReadOnlyMemory<byte> Json =>
        Event is { } e && Options is { } options ? EventWriter.Write(e, Number, options) : Written;

    /// <summary>The event as translators see it: one that another node has made is read from what it wrote.</summary>
    internal EventView ViewAs(ResponseEventOptions form) => Event is { } e ? EventViews.Of(e, Number, form)
        : EventReader.TryRead(Written, ProtocolLimits.None, out var read) ? read
        : throw new ApiException(Errors.Internal); // what has no name was never kept

    /// <summary>What it holds.</summary>
    internal long Bytes => Event is null ? Written.Length : EventWeight.Of(Event);

    /// <summary>Writes the event, which the log keeps itself, as one JSON object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="streamId">The lane that it names; null for none.</param>
    internal void WriteTo(Utf8JsonWriter json, string? streamId = null) =>
        EventWriter.Write(json, Event!, Number, Options!, streamId);
}
