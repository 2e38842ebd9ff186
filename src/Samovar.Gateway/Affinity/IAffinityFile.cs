
namespace Samovar.Gateway.Affinity;

/// <summary>Where affinity rows lie on a disk. What goes wrong there is an exception.</summary>
internal interface IAffinityFile : IDisposable
{
    /// <summary>Rows that are young enough, the oldest first; at most that many, the youngest.</summary>
    IReadOnlyList<AffinityRow> Read(DateTimeOffset notBefore, int rowsMax);

    /// <summary>Writes the rows and forgets what is too old or too much, all at once or not at all.</summary>
    void Write(IEnumerable<AffinityRow> rows, DateTimeOffset notBefore, int rowsMax);
}
