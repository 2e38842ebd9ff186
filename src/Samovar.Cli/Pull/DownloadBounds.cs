namespace Samovar.Cli.Pull;

/// <summary>How long a download goes on trying.</summary>
internal sealed record DownloadBounds
{
    /// <summary>Tries in a row after which no more of the file is here than before.</summary>
    public int TriesMax { get; init; } = 8;

    /// <summary>How long a connection may send nothing.</summary>
    public TimeSpan SilentMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Before the second try; each further one waits twice as long.</summary>
    public TimeSpan DelayMin { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan DelayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Of a file: what is said to be longer is no model.</summary>
    public long FileBytesMax { get; init; } = 16L << 40;

    /// <summary>Of a file whose size nobody says.</summary>
    public long UnsaidBytesMax { get; init; } = 64L << 30;

    /// <summary>Pages of a hub's tree: a repository that has more files than these list is no model.</summary>
    public int PagesMax { get; init; } = 50;

    /// <summary>What the disk must have left beside it.</summary>
    public long DiskBytesLeft { get; init; } = 256L << 20;
}
