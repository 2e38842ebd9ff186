namespace Samovar.Compaction;

/// <summary>Where the keys of seals come from.</summary>
internal interface ISealKeys
{
    /// <summary>The one that seals now; made where there is none yet.</summary>
    SealKey Newest();

    /// <summary>All of them, the newest first; one is made where there is none yet.</summary>
    IReadOnlyList<SealKey> All();

    /// <summary>The keys of that name, old or new, the newest first: a name may have been given twice.</summary>
    IReadOnlyList<SealKey> Find(string name);
}

/// <summary>A key that lives as long as the process.</summary>
internal sealed class MemorySealKeys : ISealKeys
{
    private readonly SealKey _key = SealKey.Make();

    public SealKey Newest() => _key;
    public IReadOnlyList<SealKey> All() => [_key];
    public IReadOnlyList<SealKey> Find(string name) => name == _key.Name ? [_key] : [];
}
