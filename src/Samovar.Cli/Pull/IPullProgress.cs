namespace Samovar.Cli.Pull;

/// <summary>Whoever shows how far a download is.</summary>
internal interface IPullProgress
{
    /// <param name="what"><c>Downloading</c>, <c>Checking</c>.</param>
    /// <param name="done">Bytes that are done already.</param>
    /// <param name="bytes">All; null where nobody knows.</param>
    void Begin(string what, ModelFile file, long done, long? bytes);

    void Add(long bytes);

    /// <summary>Something a person should know.</summary>
    void Say(string sentence);
}
