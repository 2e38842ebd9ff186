namespace Samovar.Engine.Grammars;

/// <summary>Steps that a turn's grammar may still take before others have their turn.</summary>
internal sealed class StepAllowance(int steps)
{
    public int Left { get; private set; } = steps;

    /// <summary>Steps taken, beyond the allowance too.</summary>
    public int Taken { get; private set; }

    public bool IsSpent => Left <= 0;

    public void Take(int count = 1)
    {
        Left -= count;
        Taken += count;
    }
}
