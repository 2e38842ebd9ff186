using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>A state file, from the moment that it is to be written.</summary>
internal sealed class DiskPiece(PieceHead head, DateTime lastUsed) : IStateCopy
{
    private volatile bool _isGone;

    public PieceHead Head => head;

    /// <summary>When it was written or last of use. Under the index's lock.</summary>
    public DateTime LastUsed { get; set; } = lastUsed;

    /// <summary>Whether its file is there. Under the index's lock.</summary>
    public bool IsWritten { get; set; }

    public bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }
}
