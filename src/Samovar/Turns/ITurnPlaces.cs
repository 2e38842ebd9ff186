using Samovar.Chains;

namespace Samovar.Turns;

/// <summary>Where turns run, in a server that is one of several nodes. A server that stands alone has none of this.</summary>
internal interface ITurnPlaces
{
    /// <summary>
    /// Finds the place of a turn that continues a stored chain, before it is admitted here. Where that is another node it runs there, and
    /// its events are this turn's.
    /// </summary>
    /// <returns>Null where it has run elsewhere, and its end was published; else the right that it runs under here, which is null too for
    /// one that needs none.</returns>
    /// <exception cref="Protocol.Errors.ApiException">It is refused, here or there.</exception>
    ValueTask<PlacedHere?> PlaceAsync(TurnState turn);

    /// <summary>Whether a turn here may add to a stored chain that it did not name, but was found to go on from: no other node that lives
    /// owns it.</summary>
    /// <exception cref="Protocol.Errors.ApiException"><c>store_unavailable</c>.</exception>
    ValueTask<bool> MayAddAsync(ChainNode to, CancellationToken turnCancelled);
}

/// <summary>A turn runs here.</summary>
/// <param name="Placing">Null where it adds nothing to a chain of which another node could have a part.</param>
internal readonly record struct PlacedHere(TurnPlacing? Placing);
