using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>A state file, from the moment that it is to be written.</summary>
/// <param name="head">What it is of.</param>
/// <param name="keys">What it is encrypted with.</param>
/// <param name="lastUsed">When it was written or last of use.</param>
internal sealed class DiskPiece(PieceHead head, DiskKeys keys, DateTime lastUsed) : IStateCopy
{
    private volatile bool _isGone;
    private bool _isWritten;

    public PieceHead Head => head;

    public DiskKeys Keys => keys;

    /// <summary>When it was written or last of use. Under the index's lock.</summary>
    public DateTime LastUsed { get; set; } = lastUsed;

    /// <summary>How the last turn ended that used it, where that is known. Under the index's lock.</summary>
    public TurnEnding Ending { get; set; }

    /// <summary>Whose it is, and how far of the path it is of use to each. Under the index's lock.</summary>
    public Dictionary<StateOwner, int> Users { get; } = [];

    /// <summary>Whether its file is there. Under the index's lock.</summary>
    public bool IsWritten
    {
        get => _isWritten;
        set => (_isWritten, WasWritten) = (value, WasWritten || value);
    }

    /// <summary>Whether its file was there: then it made room for others, or nobody needs it.</summary>
    public bool WasWritten { get; private set; }

    /// <summary>The shorter piece whose file has its name until its own is there; null: none. Under the index's lock.</summary>
    public DiskPiece? Replaces { get; set; }

    /// <summary>The rows that it is of no use without, where they are there. Under the index's lock.</summary>
    public DiskPiece? Front { get; set; }

    /// <summary>Pieces that are of no use without it. Under the index's lock.</summary>
    public HashSet<DiskPiece> Behind { get; } = [];

    public bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }
}
