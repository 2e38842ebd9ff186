namespace Samovar.Engine.Decoding;

/// <summary>What a stream goes through from one turn to the next.</summary>
internal enum PlacementStep { Find, Insert, Continue, Park, Fill, Start, Release }
