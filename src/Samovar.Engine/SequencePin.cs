namespace Samovar.Engine;

/// <summary>A hold on warm state for a chain. Dropping it lets the state go first when room is needed; keeping it promises nothing beyond
/// the budgets.</summary>
public abstract class SequencePin : IDisposable
{
    /// <summary>The path whose state is held.</summary>
    public abstract TokenPath Path { get; }

    /// <summary>Whether the engine that it is of is gone, and all that it held.</summary>
    public virtual bool IsOver => false;

    /// <summary>Says how the turn ended that left it, which nearly decides when its chain goes on; any thread, the first time
    /// counts.</summary>
    public virtual void Ended(TurnEnding ending)
    {
    }

    /// <summary>Ends the hold; any thread, any number of times.</summary>
    public abstract void Dispose();
}
