namespace Samovar.Engine.Parking;

/// <summary>Which kinds of places are gone on from: that depends on the template and the clients, so it is counted.</summary>
internal sealed class PlaceUses
{
    private const double LikelyShare = 1.0 / 12;     // of all uses
    private const double Fading = 1.0 / 64;          // older uses count less and less
    private readonly double[] _uses = new double[Enum.GetValues<MarkKind>().Length];
    private readonly int[] _octaves = new int[Enum.GetValues<MarkKind>().Length];
    private double _usesOfAll;

    public PlaceUses()
    {
        foreach (var (kind, uses) in new (MarkKind, double)[]
            { (MarkKind.TurnEnd, 4), (MarkKind.StableStart, 3), (MarkKind.QuestionEnd, 1), (MarkKind.Branch, 2) })
            _usesOfAll += _uses[(int)kind] = uses; // before anything is known
        Look();
    }

    /// <summary>Rises when a kind has become notably more or less likely.</summary>
    public int Version { get; private set; }

    public void Note(MarkKind kind)
    {
        for (var at = 0; at < _uses.Length; at++) _uses[at] *= 1 - Fading;
        _uses[(int)kind]++;
        _usesOfAll = _uses.Sum();
        if (Look()) Version++;
    }

    /// <summary>Whether places of a kind are gone on from at all often.</summary>
    public bool IsLikely(MarkKind kind) => ShareOf(kind) >= 1;

    /// <summary>How often places of a kind are gone on from, as a part of what is likely; at most 1.</summary>
    public double ShareOf(MarkKind kind) =>
        kind is MarkKind.StableStart or MarkKind.Branch ? 1 : Math.Min(1, _uses[(int)kind] / (_usesOfAll * LikelyShare));

    private bool Look()
    {
        var isOther = false;
        foreach (var kind in Enum.GetValues<MarkKind>())
        {
            var octave = IsLikely(kind) ? 1 : (int)Math.Floor(Math.Log2(Math.Max(Fading * Fading, ShareOf(kind))));
            isOther |= octave != _octaves[(int)kind];
            _octaves[(int)kind] = octave;
        }
        return isOther;
    }
}
