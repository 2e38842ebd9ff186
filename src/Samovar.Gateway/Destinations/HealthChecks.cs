namespace Samovar.Gateway.Destinations;

/// <summary>
/// What a destination's health checks came to. One that is only late says less than one that fails: an engine may compute. Not for two
/// threads at once.
/// </summary>
internal sealed class HealthChecks
{
    private int _late; // in a row

    public bool IsFit { get; private set; } = true;

    public void Passed() => (IsFit, _late) = (true, 0);

    public void Failed() => (IsFit, _late) = (false, 0);

    /// <summary>The answer did not come in time.</summary>
    /// <param name="max">That many in a row count as a failure; fewer leave it as fit as it would be without them.</param>
    public void Late(int max)
    {
        if (!IsFit && _late == 0) return; // it had failed before
        if (_late < int.MaxValue) _late++;
        IsFit = _late < max;
    }
}
