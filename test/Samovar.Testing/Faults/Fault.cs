namespace Samovar.Testing.Faults;

/// <summary>One step that breaks, once, where and when a test says so.</summary>
internal sealed class Fault
{
    private string? _armed;

    /// <summary>Whether the step was reached: else a test has shown nothing.</summary>
    public bool HasStruck { get; private set; }

    /// <summary>The next time that somebody comes to the step it breaks.</summary>
    public void Arm(string step) => _armed = step;

    /// <summary>Somebody is at the step.</summary>
    public void At(string step)
    {
        var armed = _armed;
        if (armed != step || !ReferenceEquals(Interlocked.CompareExchange(ref _armed, null, armed), armed)) return;
        HasStruck = true;
        throw new StepBrokeException(step);
    }
}

/// <summary>What no code expects.</summary>
internal sealed class StepBrokeException(string step) : Exception($"The step '{step}' broke.");
