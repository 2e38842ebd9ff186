namespace Samovar.Engine.Decoding;

/// <summary>Measured speed of prefill, from which follows how long a chunk may be while others decode.</summary>
internal sealed class StepClock(TimeSpan delayMax, int batchTokens)
{
    private const int ChunkMin = 8;
    private const int TokensMin = 32; // the fixed cost of a smaller batch would count as the tokens' own
    private const int ChunkFirst = 64;
    private const int ChunkStep = 8;
    private const int TilesFrom = 64;    // ggml computes attention in tiles then, and 64 tokens in less time
    private const int TilesPayFrom = 48; // than 48 without (measured: 63 take 1.5 to 1.8 times as long as 64)
    private const double WeightSlower = 0.7; // what has become slower is believed at once: attention grows with depth, and cores get busy,
    private const double WeightFaster = 0.15; // what has become faster only after some steps
    private double _secondsPerToken;

    /// <summary>Tokens of a chunk that delays running turns by no more than agreed (but never less than a small chunk).</summary>
    public int ChunkTokens => Tokens is >= TilesPayFrom and < TilesFrom ? Math.Min(TilesFrom, batchTokens) : Tokens;

    private int Tokens => _secondsPerToken <= 0 ? Math.Min(ChunkFirst, batchTokens)
        : (int)Math.Clamp(Math.Floor(delayMax.TotalSeconds / _secondsPerToken / ChunkStep) * ChunkStep,
            Math.Min(ChunkMin, batchTokens), batchTokens);

    public void Prefilled(int tokens, TimeSpan took)
    {
        if (tokens < Math.Min(TokensMin, ChunkTokens)) return;
        var measured = took.TotalSeconds / tokens;
        var weight = measured > _secondsPerToken ? WeightSlower : WeightFaster;
        _secondsPerToken = _secondsPerToken <= 0 ? measured : _secondsPerToken + weight * (measured - _secondsPerToken);
    }
}
