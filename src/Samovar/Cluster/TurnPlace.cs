using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>What becomes of a turn next.</summary>
internal abstract record TurnPlace
{
    private TurnPlace() { }

    /// <summary>It runs here.</summary>
    /// <param name="Epoch">Under which it appends; 0 where it begins a tree.</param>
    /// <param name="Past">Where it is not <see cref="TurnPast.None"/> its response is looked up first, and told if it is there; where its
    /// client has heard a part, a response that is not there fails, it is not made again.</param>
    public sealed record Here(long Epoch, TurnPast Past) : TurnPlace;

    /// <summary>Another copy of it was begun here: whoever asks reads that one's events from their start, and its end.</summary>
    public sealed record Join : TurnPlace;

    /// <summary>This node takes the tree, and the place is decided again.</summary>
    /// <param name="Epoch">That it was found under; by another it is not taken.</param>
    /// <param name="IsForced">Though the rows call its owner alive: relays to it failed. Told in the record.</param>
    public sealed record Claim(long Epoch, bool IsForced) : TurnPlace;

    /// <summary>It is sent to the owner.</summary>
    public sealed record Relay(ClusterNode To, long Epoch) : TurnPlace;

    /// <summary>This node lets go of the tree, and then refuses the turn as <see cref="PlaceRefusal.Moved"/>.</summary>
    public sealed record HandOver(long Epoch) : TurnPlace;

    public sealed record Refuse(PlaceRefusal Why) : TurnPlace;
}
