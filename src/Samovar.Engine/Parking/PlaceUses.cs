namespace Samovar.Engine.Parking;

/// <summary>Which kinds of places are gone on from: that depends on the template and the clients, so it is counted.</summary>
internal sealed class PlaceUses
{
    private const double LikelyShare = 1.0 / 12;     // of all uses
    private const double Fading = 1.0 / 64;          // older uses count less and less
    private static readonly MarkKind[] Own = [.. Enum.GetValues<MarkKind>().Where(kind => !IsShared(kind))];
    private readonly double[] _uses = new double[Enum.GetValues<MarkKind>().Length];
    private readonly (bool IsLikely, int Octave)[] _levels = new (bool, int)[Enum.GetValues<MarkKind>().Length];
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
    public bool IsLikely(MarkKind kind) => IsShared(kind) || _uses[(int)kind] >= _usesOfAll * LikelyShare;

    /// <summary>How often conversations go on from such a place of their own, beside the kind that they mostly go on from.</summary>
    public double ShareOf(MarkKind kind) => IsShared(kind) ? 1 : _uses[(int)kind] / Own.Max(own => _uses[(int)own]);

    private static bool IsShared(MarkKind kind) => kind is MarkKind.StableStart or MarkKind.Branch;

    private bool Look()
    {
        var isOther = false;
        foreach (var kind in Enum.GetValues<MarkKind>())
        {
            var level = (IsLikely(kind), (int)Math.Floor(Math.Log2(Math.Max(Fading, ShareOf(kind)))));
            isOther |= level != _levels[(int)kind];
            _levels[(int)kind] = level;
        }
        return isOther;
    }
}
