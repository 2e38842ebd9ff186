namespace Samovar.Compaction;

/// <summary>Where the keys of seals come from.</summary>
internal interface ISealKeys
{
    /// <summary>The one that seals now; made where there is none yet.</summary>
    SealKey Newest();

    /// <summary>The key of that name, old or new; null where there is none.</summary>
    SealKey? Find(string name);
}

/// <summary>A key that lives as long as the process.</summary>
internal sealed class MemorySealKeys : ISealKeys
{
    private readonly SealKey _key = SealKey.Make();

    public SealKey Newest() => _key;
    public SealKey? Find(string name) => name == _key.Name ? _key : null;
}
