namespace Samovar.Bench.Traces;

/// <summary>How much of a file is read: the largest of the published sessions stay below a tenth of each.</summary>
internal sealed record TraceLimits
{
    /// <summary>Of the file unpacked.</summary>
    public long BytesMax { get; init; } = 256L << 20;

    /// <summary>Of a session, its sub-agents' not counted.</summary>
    public int RequestsMax { get; init; } = 20_000;
    public int SubAgentsMax { get; init; } = 256;

    /// <summary>Sub-agents of sub-agents.</summary>
    public int DepthMax { get; init; } = 4;

    /// <summary>Tokens of one prompt, or of one answer.</summary>
    public int TokensMax { get; init; } = 4_000_000;
}

/// <summary>A file that is no trace, or a larger one than is read.</summary>
internal sealed class TraceFileException(string file, string message, Exception? cause = null)
    : InvalidOperationException($"{Path.GetFileName(file)}: {message}", cause);
