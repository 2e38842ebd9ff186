namespace Samovar.Gateway.Destinations;

/// <summary>How the places of a destination stand for one flow.</summary>
/// <param name="Max">Turns that may run at once; 0 is no limit.</param>
/// <param name="Taken">Places that are taken, here or by other nodes; those whose answer nobody reads are not.</param>
/// <param name="Held">Places that the flow holds.</param>
/// <param name="IsFit">Whether the destination may take turns at all.</param>
internal readonly record struct PlaceFigures(int Max, int Taken, int Held, bool IsFit);
