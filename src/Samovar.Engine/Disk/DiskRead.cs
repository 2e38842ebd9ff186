namespace Samovar.Engine.Disk;

/// <summary>What a turn waits for from the disk. It is handed over piece by piece: while one is taken in, the next one is read.</summary>
internal sealed class DiskRead(DiskPlan plan, PromptHashes path)
{
    private const int PiecesMax = 2; // read, and not taken in: with the one that is being read the memory that this takes at most
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _room = new(PiecesMax);
    private readonly Queue<(DiskPiece Piece, NativeBytes Body)> _ready = new();
    private bool _isOver, _isLeft;

    public DiskPlan Plan => plan;

    public PromptHashes Path => path;

    /// <summary>Whether nothing more comes.</summary>
    public bool IsDone { get { lock (_gate) return _isOver && _ready.Count == 0; } }

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsLeft { get { lock (_gate) return _isLeft; } }

    /// <summary>Hands a piece over, when there is room for it; false where nobody waits for it any more.</summary>
    public bool Offer(DiskPiece piece, NativeBytes body)
    {
        _room.Wait();
        lock (_gate)
            if (!_isLeft)
            {
                _ready.Enqueue((piece, body));
                return true;
            }
        body.Dispose();
        return false;
    }

    /// <summary>The next piece, in the plan's order; it is the taker's.</summary>
    public bool TryTake(out DiskPiece piece, out NativeBytes body)
    {
        lock (_gate)
        {
            var isThere = _ready.TryDequeue(out var next);
            (piece, body) = next;
            if (isThere) _room.Release();
            return isThere;
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void End()
    {
        lock (_gate) _isOver = true;
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _isLeft = true;
            while (_ready.TryDequeue(out var next)) next.Body.Dispose();
            _room.Release(PiecesMax);
        }
    }
}
