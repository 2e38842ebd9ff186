namespace Samovar.Engine;

/// <summary>Where state is at one moment, for those who watch.</summary>
/// <param name="Places">Of the pins that were asked for, in their order.</param>
/// <param name="Shared">Starts that several of them have.</param>
/// <param name="StreamTokens">Tokens in streams, of everybody.</param>
/// <param name="MemoryTokens">Tokens parked in host memory, of everybody.</param>
public sealed record EngineMap(
    IReadOnlyList<StatePlace> Places, IReadOnlyList<SharedStart> Shared, long StreamTokens, long MemoryTokens);

/// <summary>Where the state of a path is.</summary>
/// <param name="Stream">The stream that holds it; -1: none.</param>
/// <param name="IsParked">Whether host memory has it.</param>
/// <param name="Tokens">Tokens from the path's start of which this is so.</param>
public readonly record struct StatePlace(int Stream, bool IsParked, int Tokens)
{
    public static readonly StatePlace None = new(-1, false, 0);
}

/// <summary>A start that several paths have, and whose state is there.</summary>
/// <param name="Id">The same as long as its state is there.</param>
/// <param name="Hits">Turns that took it, or more of it, from what was there.</param>
/// <param name="Users">Which of the pins have it, by their place in the question.</param>
public sealed record SharedStart(string Id, int Tokens, long Hits, IReadOnlyList<int> Users, StatePlace Place);
