using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Scheduling.Budgets;

namespace Samovar.Turns;

/// <summary>Counts what a running turn keeps of its output until its response is kept: the texts of its items, and the items.</summary>
/// <remarks>
/// It is counted, not asked for: half an answer frees nothing by waiting, and <see cref="TurnOptions.LogBytesMax"/> and half of the share
/// bound it. A turn that wants room for events waits for it instead.
/// </remarks>
/// <param name="kept">Null counts nowhere.</param>
internal sealed class OutputWeight(PinnedBytes? kept) : IDisposable
{
    private const int PieceBytes = 64 << 10;
    private const int ItemFactor = 3; // its JSON, and its texts as they were read from it
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private long _counted;

    /// <summary>Characters of the item that is open, and bytes of what its text rests on.</summary>
    public long OpenChars { get; private set; }

    /// <summary>Bytes of the items that are done.</summary>
    public long DoneBytes { get; private set; }

    /// <exception cref="ApiException">It is more than one turn may ever keep here.</exception>
    public void Add(ResponseEvent e)
    {
        switch (e)
        {
            case ResponseEvent.OutputTextDelta delta: Add(delta.Delta.Length); break;
            case ResponseEvent.ReasoningTextDelta delta: Add(delta.Delta.Length); break;
            case ResponseEvent.ReasoningSummaryTextDelta delta: Add(delta.Delta.Length); break;
            case ResponseEvent.FunctionCallArgumentsDelta delta: Add(delta.Delta.Length); break;
            case ResponseEvent.CustomToolCallInputDelta delta: Add(delta.Delta.Length); break;
            case ResponseEvent.RefusalDelta delta: Add(delta.Delta.Length); break;
            case ResponseEvent.Carried { Type: EventNames.AnnotationAdded } annotation: Add(annotation.Json.Utf8.Length); break;
            case ResponseEvent.OutputItemDone done:
                (OpenChars, DoneBytes) = (0, DoneBytes + done.Item.Json.Utf8.Length);
                Add(chars: 0);
                break;
        }
    }

    /// <summary>Counts more of the item that is open.</summary>
    /// <inheritdoc cref="Add(ResponseEvent)" path="/exception"/>
    public void Add(int chars)
    {
        OpenChars += chars;
        var bytes = (2 * OpenChars) + (ItemFactor * DoneBytes);
        if (bytes <= PieceBytes || bytes <= _counted) return; // a small answer costs nothing here
        _counted = (bytes / PieceBytes + 1) * PieceBytes;
        if (kept?.TrySet(_counted) == false)
            throw new ApiException(Errors.ServerOverloaded, RetryAfter, retryAfter: RetryAfter);
    }

    public void Dispose() => kept?.Dispose();
}
