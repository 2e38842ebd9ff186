namespace Samovar.Engine.Sequences;

/// <summary>A stored response, as one whose state may be on a disk. It is needed as long as it, or one that goes on from it, is
/// stored.</summary>
/// <remarks>Under the lock of the files' index.</remarks>
/// <param name="scope">The namespace.</param>
/// <param name="id">Its name; empty for state that is nobody's alone, and stays until room is needed.</param>
/// <param name="before">What it goes on from, where that is known.</param>
/// <param name="since">When it was first heard of.</param>
internal sealed class StateOwner(string scope, string id, StateOwner? before, DateTimeOffset since)
{
    public string Scope => scope;

    public string Id => id;

    public StateOwner? Before => before;

    public DateTimeOffset Since => since;

    /// <summary>Its number in the folder's journal; 0: it is not there.</summary>
    public long Number { get; set; }

    /// <summary>Whether it can be found by its name.</summary>
    public bool IsListed { get; set; }

    /// <summary>Those that go on from it and are needed.</summary>
    public int Continuations { get; set; }

    /// <summary>Files that it uses and those in front of it do not.</summary>
    public HashSet<IStateCopy> Copies { get; } = [];

    /// <summary>Whether the response itself is gone.</summary>
    public bool IsForgotten { get; set; }

    public bool IsNeeded => !IsForgotten || Continuations > 0;

    /// <summary>Whether nobody has gone on from it.</summary>
    public bool IsNewest => Continuations == 0;
}
