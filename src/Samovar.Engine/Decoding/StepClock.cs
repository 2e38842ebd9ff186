namespace Samovar.Engine.Decoding;

/// <summary>Measured speed of prefill, from which follows how long a chunk may be while others decode.</summary>
internal sealed class StepClock(TimeSpan delayMax, int batchTokens)
{
    private const int ChunkMin = 32;
    private const int ChunkStep = 32;
    private const double Weight = 0.3;
    private double _secondsPerToken;

    /// <summary>Tokens of a chunk that delays running turns by no more than agreed (but never less than a small chunk).</summary>
    public int ChunkTokens => _secondsPerToken <= 0 ? Math.Min(ChunkMin * 2, batchTokens)
        : (int)Math.Clamp(Math.Floor(delayMax.TotalSeconds / _secondsPerToken / ChunkStep) * ChunkStep,
            Math.Min(ChunkMin, batchTokens), batchTokens);

    public void Prefilled(int tokens, TimeSpan took)
    {
        if (tokens < ChunkMin / 2) return; // the fixed cost of a batch would count as the tokens' own
        var measured = took.TotalSeconds / tokens;
        _secondsPerToken = _secondsPerToken <= 0 ? measured : _secondsPerToken + Weight * (measured - _secondsPerToken);
    }
}
