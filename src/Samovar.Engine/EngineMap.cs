namespace Samovar.Engine;

/// <summary>Where state is at one moment, for those who watch.</summary>
/// <param name="Places">Of the pins that were asked for, in their order.</param>
/// <param name="Shared">Starts that several of them have.</param>
/// <param name="StreamTokens">Tokens in streams, of everybody.</param>
/// <param name="MemoryTokens">Tokens parked in host memory, of everybody.</param>
public sealed record EngineMap(
    IReadOnlyList<StatePlace> Places, IReadOnlyList<SharedStart> Shared, long StreamTokens, long MemoryTokens)
{
    /// <summary>Tokens whose state files have, of everybody.</summary>
    public long DiskTokens { get; init; }

    /// <summary>This engine's map behind those of others that were asked for the same pins: a pin is of one engine.</summary>
    /// <param name="others">Null where there are none.</param>
    /// <param name="streams">Streams that the others have.</param>
    public EngineMap After(EngineMap? others, int streams)
    {
        if (others is null && streams == 0) return this;
        var places = Places.Select((place, at) =>
            place == StatePlace.None && others is not null ? others.Places[at] : place.Behind(streams));
        var shared = Shared.Select(start => start with { Id = $"{start.Id}_{streams}", Place = start.Place.Behind(streams) });
        return new EngineMap([.. places], [.. others?.Shared ?? [], .. shared],
            StreamTokens + (others?.StreamTokens ?? 0), MemoryTokens + (others?.MemoryTokens ?? 0))
        {
            DiskTokens = DiskTokens + (others?.DiskTokens ?? 0),
        };
    }
}

/// <summary>Where the state of a path is.</summary>
/// <param name="Stream">The stream that holds it; -1: none.</param>
/// <param name="IsParked">Whether host memory has it.</param>
/// <param name="Tokens">Tokens from the path's start of which this is so.</param>
public readonly record struct StatePlace(int Stream, bool IsParked, int Tokens)
{
    /// <summary>Whether files have it, and neither a stream nor host memory does.</summary>
    public bool IsOnDisk { get; init; }

    public static readonly StatePlace None = new(-1, false, 0);

    /// <summary>The same where streams of others are counted first.</summary>
    public StatePlace Behind(int streams) => Stream < 0 ? this : this with { Stream = Stream + streams };
}

/// <summary>A start that several paths have, and whose state is there.</summary>
/// <param name="Id">The same as long as its state is there.</param>
/// <param name="Hits">Turns that took it, or more of it, from what was there.</param>
/// <param name="Users">Which of the pins have it, by their place in the question.</param>
public sealed record SharedStart(string Id, int Tokens, long Hits, IReadOnlyList<int> Users, StatePlace Place)
{
    /// <summary>The kept prefix that it is, which a single path's start may be, too; null: nobody asked to keep it.</summary>
    public KeptPrefix? Kept { get; init; }
}
