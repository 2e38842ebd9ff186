namespace Samovar.Turns;

/// <summary>
/// The room that the unread events of one log were granted. It is taken and given back in pieces: a reader that keeps up costs nothing.
/// </summary>
/// <remarks>Under its log's gate, except for what takes room and gives it back.</remarks>
internal sealed class LogGrant(LogRoom? room)
{
    private const int PieceBytes = 16 << 10;
    private long _granted;
    private long _promised; // room was asked for it, and it has not come yet

    public LogRoom? Room => room;

    /// <summary>Whether the turn waits for room.</summary>
    public bool IsAsking { get; set; }

    /// <summary>That many more bytes are to come.</summary>
    public void Promise(long bytes) => _promised = bytes;

    public bool Covers(long unread) => unread <= _granted;

    /// <summary>Grants the first piece, which nobody waits for: a turn whose reader keeps up never waits for those of others. True: it is
    /// to be taken.</summary>
    public bool TryBegin(long unread)
    {
        if (room is null || _granted > 0 || unread > PieceBytes) return false;
        _granted = PieceBytes;
        return true;
    }

    /// <summary>What is missing for that many unread bytes.</summary>
    public long Missing(long unread) => Pieces(unread - _granted);

    public void Add(long bytes) => _granted += bytes;

    /// <summary>Grants what has come.</summary>
    /// <param name="bytes">The event's.</param>
    /// <param name="unread">All that is kept now.</param>
    /// <returns>What is to be taken beyond the grant.</returns>
    public long Append(long bytes, long unread)
    {
        _promised = Math.Max(0, _promised - bytes);
        var more = Math.Max(0, unread - _granted);
        _granted += more;
        return more;
    }

    /// <summary>Lets go of what is not needed.</summary>
    /// <param name="isTight">Nothing is kept for what may come.</param>
    /// <returns>What is to be given back.</returns>
    public long Trim(long unread, bool isTight)
    {
        var keeps = isTight || IsAsking ? Pieces(unread) : Pieces(unread + _promised) + (2 * PieceBytes);
        var back = Math.Max(0, _granted - keeps);
        _granted -= back;
        return back;
    }

    public void TakeFirst() => room?.Take(PieceBytes);

    public void Take(long bytes)
    {
        if (bytes > 0) room?.Take(bytes);
    }

    public void GiveBack(long bytes)
    {
        if (bytes > 0) room?.GiveBack(bytes);
    }

    private static long Pieces(long bytes) => bytes <= 0 ? 0 : (bytes + PieceBytes - 1) / PieceBytes * PieceBytes;
}
