using System.Text;
using Microsoft.Extensions.Logging;
using Samovar.Engine;

namespace Samovar.Server.Hosting;

/// <summary>What libllama says, as lines of the log: no longer than a line may be, and no more in a minute than anybody reads.</summary>
internal sealed partial class EngineLog(TimeProvider time, ILogger<EngineLog> logger)
{
    private const int WarningLevel = 3, ContinueLevel = 5; // of ggml
    private const int LineCharsMax = 1000, WarningsPerMinuteMax = 60;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly StringBuilder _line = new();
    private int _level, _warnings, _leftOut;
    private long _since = time.GetTimestamp();

    /// <summary>A line, or a piece of one; on any thread.</summary>
    public void Take(int level, string text)
    {
        lock (_lock)
        {
            if (level != ContinueLevel)
            {
                End();
                _level = level;
            }
            _line.Append(text.AsSpan(0, Math.Min(text.Length, LineCharsMax - _line.Length)));
            if (text.EndsWith('\n')) End();
        }
    }

    /// <summary>Says where a context is longer than the model was trained for.</summary>
    public void Check(EngineOptions options, ModelFacts model)
    {
        if (model.TrainedContext > 0 && model.ContextTokens > model.TrainedContext)
            Log.BeyondTraining(logger, options.ContextTokens, model.Name, model.TrainedContext);
    }

    private void End()
    {
        var line = _line.ToString().Trim();
        _line.Clear();
        if (line.Length == 0) return;
        if (_level < WarningLevel) Log.Said(logger, line);
        else if (MayWarn()) Log.Warned(logger, line);
    }

    private bool MayWarn()
    {
        if (time.GetElapsedTime(_since) >= Minute)
        {
            if (_leftOut > 0) Log.LeftOut(logger, _leftOut);
            (_since, _warnings, _leftOut) = (time.GetTimestamp(), 0, 0);
        }
        if (++_warnings <= WarningsPerMinuteMax) return true;
        _leftOut++;
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(8131, LogLevel.Debug, "libllama: {Line}")]
        public static partial void Said(ILogger logger, string line);

        [LoggerMessage(8132, LogLevel.Warning, "libllama: {Line}")]
        public static partial void Warned(ILogger logger, string line);

        [LoggerMessage(8133, LogLevel.Warning, "libllama: {Count} more lines in the last minute")]
        public static partial void LeftOut(ILogger logger, int count);

        [LoggerMessage(8134, LogLevel.Warning,
            "--ctx (Engine:ContextTokens) is {Asked}, but {Model} was trained for {Trained} tokens: what it says beyond may make no sense")]
        public static partial void BeyondTraining(ILogger logger, int asked, string model, int trained);
    }
}
