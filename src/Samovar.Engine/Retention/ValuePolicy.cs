namespace Samovar.Engine.Retention;

/// <summary>
/// Keeps what saves most: seconds to compute it again, times the rate at which those come back whose turn ended so and who have been idle
/// so long, for each byte. Superseded state goes before all other, and what is final at once.
/// </summary>
internal sealed class ValuePolicy : IRetentionPolicy
{
    private const int ClassesMax = 256, LearnEvery = 64;
    private const double PublishedWeight = 32, OfAnyToolWeight = 16; // observations that a first guess is worth
    private const double Superseded = 1e12; // seconds: below all that is worth something
    private static readonly TimeSpan OneTick = TimeSpan.FromTicks(1); // a step's end may lie between two ticks
    private readonly Dictionary<TurnEnding, Class> _classes = [];

    public string Name => RetentionNames.Value;

    public double Worth(in HeldState state, TimeSpan now)
    {
        if (state.Ending.Stop == StopKind.Final) return double.NegativeInfinity;
        if (state.IsSuperseded) return state.LastUsed.TotalSeconds - Superseded; // the same whenever it is asked for
        var idle = Math.Max(0, (now - state.LastUsed).TotalSeconds);
        return state.RecomputeSeconds / state.Bytes * state.Users * Of(state.Ending).Rates.After(idle);
    }

    public TimeSpan WorthUntil(in HeldState state, TimeSpan now)
    {
        if (state.IsSuperseded || state.Ending.Stop == StopKind.Final) return TimeSpan.MaxValue;
        var step = IdleSteps.Of(Math.Max(0, (now - state.LastUsed).TotalSeconds));
        return step == IdleSteps.Count - 1 ? TimeSpan.MaxValue : state.LastUsed + TimeSpan.FromSeconds(IdleSteps.To(step)) + OneTick;
    }

    public void Ended(TurnEnding ending, TimeSpan at)
    {
        if (ending.Stop == StopKind.Final) return;
        Learn(Of(ending), history => history.Ended(at), at);
        if (ending.Tool is not null) Learn(Of(ending.OfAnyTool()), history => history.Ended(at), at);
    }

    public void Returned(TurnEnding ending, TimeSpan endedAt, TimeSpan at)
    {
        if (ending.Stop == StopKind.Final) return;
        Learn(Of(ending), history => history.Returned(endedAt, at), at);
        if (ending.Tool is not null) Learn(Of(ending.OfAnyTool()), history => history.Returned(endedAt, at), at);
    }

    private static void Learn(Class one, Action<ReturnHistory> observe, TimeSpan at)
    {
        observe(one.History);
        if (one.History.Fresh < LearnEvery) return;
        one.History.Fresh = 0;
        one.History.CountUntil(at);
        one.Set();
    }

    private Class Of(TurnEnding ending)
    {
        if (_classes.TryGetValue(ending, out var known)) return known;
        if (ending.Tool is not null && _classes.Count >= ClassesMax) return Of(ending.OfAnyTool());
        return _classes[ending] = new Class(ending.Tool is null ? null : Of(ending.OfAnyTool()), PublishedReturns.Chances(ending));
    }

    private sealed class Class
    {
        private readonly Class? _ofAnyTool;
        private readonly double[] _published;

        public Class(Class? ofAnyTool, double[] published)
        {
            (_ofAnyTool, _published) = (ofAnyTool, published);
            Set();
        }

        public ReturnHistory History { get; } = new();

        public ReturnRates Rates { get; } = new();

        public void Set() => Rates.Set(step => _ofAnyTool is { } any ? History.Chance(step, any.Rates.Chances[step], OfAnyToolWeight)
            : History.Chance(step, _published[step], PublishedWeight));
    }
}
