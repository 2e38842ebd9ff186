namespace Samovar.Engine;

/// <summary>A start of prompts whose state stays in host memory for those who will begin with it, until this is given back.</summary>
public abstract class KeptPrefix : IDisposable
{
    /// <summary>Its tokens.</summary>
    public abstract TokenPath Path { get; }

    /// <summary>Who has begun with it so far; any thread.</summary>
    public abstract PrefixUse Use { get; }

    /// <summary>Whether the engine that it is of is gone, and all that it held.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Gives it back; any thread, any number of times.</summary>
    public abstract void Dispose();
}

/// <summary>Who has begun with a kept prefix.</summary>
/// <param name="Turns">Turns whose prompt begins with it.</param>
/// <param name="Hits">Those of them that found all of it.</param>
/// <param name="Running">Those that are not over.</param>
/// <param name="LastUsed">When the last of them began or ended; at first, when it was kept.</param>
public sealed record PrefixUse(long Turns, long Hits, int Running, DateTimeOffset LastUsed);

/// <summary>What kept prefixes may take of an engine's host memory.</summary>
/// <param name="BytesMax">All of them together.</param>
/// <param name="ScopeBytesMax">Those of the turn's namespace.</param>
public sealed record PrefixRoom(long BytesMax, long ScopeBytesMax);

/// <summary>What became of a prefix that was to be kept.</summary>
public abstract record PrefixKeeping
{
    private PrefixKeeping() { }

    /// <summary>It is kept.</summary>
    public sealed record Kept(KeptPrefix Prefix) : PrefixKeeping;

    /// <summary>With it, its namespace's kept prefixes would take more than they may.</summary>
    public sealed record TooLarge(long Bytes, long BytesMax) : PrefixKeeping;

    /// <summary>All namespaces' kept prefixes would take more than they may. How much others' take is not said.</summary>
    /// <param name="Own">Others of its namespace that are kept.</param>
    public sealed record Full(int Own) : PrefixKeeping;

    /// <summary>Host memory has no room for it, or its state cannot be had.</summary>
    public sealed record NoRoom : PrefixKeeping;
}
