using System.Threading.Channels;

namespace Samovar.Engine.Disk;

/// <summary>What a turn waits for from the disk. It is handed over piece by piece: while one is taken in, the next one is read.</summary>
internal sealed class DiskRead(DiskPlan plan, PromptHashes path)
{
    private const int PiecesMax = 2; // read, and not taken in: with the one that is being read the memory that this takes at most
    private readonly Channel<(DiskPiece Piece, NativeBytes Body)> _ready =
        Channel.CreateBounded<(DiskPiece Piece, NativeBytes Body)>(PiecesMax);
    private volatile bool _isOver, _isLeft;

    public DiskPlan Plan => plan;

    public PromptHashes Path => path;

    /// <summary>Whether nothing more comes.</summary>
    public bool IsDone => _isOver && _ready.Reader.Count == 0;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsLeft => _isLeft;

    /// <summary>Hands a piece over, when there is room for it; false where nobody waits for it any more.</summary>
    public bool Offer(DiskPiece piece, NativeBytes body)
    {
        try
        {
            _ready.Writer.WriteAsync((piece, body), CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return true;
        }
        catch (ChannelClosedException)
        {
            body.Dispose();
            return false;
        }
    }

    /// <summary>The next piece, in the plan's order; it is the taker's.</summary>
    public bool TryTake(out DiskPiece piece, out NativeBytes body)
    {
        var isThere = _ready.Reader.TryRead(out var next);
        (piece, body) = next;
        return isThere;
    }

    /// <summary>Nothing more comes.</summary>
    public void End() => _isOver = true;

    /// <summary>Nobody waits for it any more.</summary>
    public void Leave()
    {
        _isLeft = true;
        _ready.Writer.TryComplete();
        while (_ready.Reader.TryRead(out var next)) next.Body.Dispose();
    }
}
