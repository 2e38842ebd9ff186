using System.Globalization;

namespace Samovar.Bench.Stub;

/// <summary>How fast the simulated model is; 0 is at once.</summary>
/// <param name="DecodeTokens">Output tokens a second.</param>
/// <param name="PrefillTokens">Input tokens a second that the prompt cache does not have.</param>
internal sealed record StubSpeed(double DecodeTokens = 0, double PrefillTokens = 0)
{
    /// <summary>As the hidden command takes it.</summary>
    public string[] Arguments() => ["--decode", Text(DecodeTokens), "--prefill", Text(PrefillTokens)];

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Holds the events of one answer back until a model of that speed would have made them.</summary>
internal sealed class StubPace(StubSpeed speed, StubRequest request, int cachedTokens, TimeProvider time)
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1); // timers are no finer
    private readonly long _began = time.GetTimestamp();
    private readonly TimeSpan _prefill = Of(request.Context.Tokens - cachedTokens, speed.PrefillTokens);
    private int _pieces;

    /// <summary>To be awaited before the event is sent: output waits for the prompt, each piece for the one before.</summary>
    public Task BeforeAsync(string type)
    {
        var isPiece = type.EndsWith(".delta", StringComparison.Ordinal);
        if (!isPiece && type != "response.output_item.added") return Task.CompletedTask;
        var script = request.Context.Script;
        if (isPiece) _pieces++;
        var due = _prefill + Of(_pieces * (double)script.DeltaBytes / PrefixCache.BytesPerToken, speed.DecodeTokens)
            + TimeSpan.FromMilliseconds(Math.Max(0, _pieces - 1) * (double)script.PauseMs);
        var left = due - time.GetElapsedTime(_began);
        return left < Least ? Task.CompletedTask : Task.Delay(left, time);
    }

    private static TimeSpan Of(double tokens, double perSecond) => perSecond > 0 ? TimeSpan.FromSeconds(tokens / perSecond) : TimeSpan.Zero;
}
