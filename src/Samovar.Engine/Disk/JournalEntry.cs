namespace Samovar.Engine.Disk;

/// <summary>A line of the file that says which stored responses need which state files.</summary>
internal abstract record JournalEntry
{
    private JournalEntry() { }

    /// <param name="Before">The number of the one that it goes on from; 0: none.</param>
    public sealed record Owner(long Number, string Scope, string Id, long Before, DateTimeOffset Since) : JournalEntry;

    /// <param name="Until">How far of the path the file is of use to it.</param>
    public sealed record Use(long Of, UInt128 EndHash, bool IsRows, int Until) : JournalEntry;

    public sealed record Gone(long Of) : JournalEntry;
}
