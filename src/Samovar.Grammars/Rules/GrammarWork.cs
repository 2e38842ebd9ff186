namespace Samovar.Grammars.Rules;

/// <summary>Counts what one grammar's making takes, so that no schema or pattern costs more than its limits.</summary>
internal sealed class GrammarWork(GrammarLimits limits, CancellationToken givenUp)
{
    private long _steps;

    /// <exception cref="SchemaFaultException">There were too many steps; the place is for the caller to know.</exception>
    public void Take(long steps)
    {
        givenUp.ThrowIfCancellationRequested();
        _steps += steps;
        if (_steps > limits.StepsMax)
            throw SchemaFaultException.Beyond("", $"To make a grammar of this takes more than {limits.StepsMax} steps.");
    }
}
