using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>How large a log may become.</summary>
/// <param name="BytesMax">All that a turn may say.</param>
/// <param name="UnreadBytesMax">How far its readers may be behind.</param>
/// <param name="Room">Where what is unread is counted; null: nowhere.</param>
/// <param name="First">The number of the first event.</param>
internal sealed record LogBounds(long BytesMax, long UnreadBytesMax = long.MaxValue, LogRoom? Room = null, long First = 0)
{
    /// <summary>Where the time of those goes who write its events; null where that is not noted.</summary>
    public TurnTrace? Times { get; init; }
}
