using System.Runtime.CompilerServices;

namespace Samovar.Templates.Values;

/// <summary>Counts what a render costs and stops it at its limits or when its caller has gone.</summary>
internal sealed class RenderMeter(TemplateLimits limits, CancellationToken cancelled)
{
    private const int CharsPerStep = 256; // copied, which takes a hundredth of what an expression does
    private const int ItemsPerStep = 4;
    private const int StepsBetweenCancellationChecks = 1024;

    private long _steps;
    private long _nextCheck = StepsBetweenCancellationChecks;
    private int _depth;

    /// <summary>Offset in the source of what was last looked at, for the place of an error.</summary>
    public int Offset { get; set; }

    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > limits.StepsMax)
            throw new TemplateException($"The template takes more than {limits.StepsMax} steps.");
        if (_steps < _nextCheck)
            return;
        _nextCheck = _steps + StepsBetweenCancellationChecks;
        cancelled.ThrowIfCancellationRequested();
    }

    /// <summary>Goes one level down. A fault ends the render, so that no <c>finally</c> is needed for <see cref="Leave"/>.</summary>
    public void Enter()
    {
        Step();
        if (++_depth > limits.DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException($"The template nests more than {limits.DepthMax} levels deep.");
    }

    public void Leave() => _depth--;

    /// <summary>To be asked before a text of this length is made.</summary>
    public void ChargeChars(long length)
    {
        if (length > limits.CharsMax)
            throw new TemplateException($"The template makes a text of more than {limits.CharsMax} characters.");
        Step(length / CharsPerStep);
    }

    /// <summary>To be asked before a list of this length is made.</summary>
    public void ChargeItems(long count) => Step(count / ItemsPerStep);
}
