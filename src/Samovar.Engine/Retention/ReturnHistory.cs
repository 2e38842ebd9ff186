namespace Samovar.Engine.Retention;

/// <summary>
/// When conversations came back whose turns ended alike: of those that had waited until a step of idle time began, how many came within it
/// and how many waited on.
/// </summary>
/// <remarks>
/// Who still waits counts for the steps that he has waited through, and for no other: so nobody has to be remembered until he comes.
/// Each step counts who ended when, in a ring of <see cref="Slots"/> slots, until these have waited as long as the step ends; who comes
/// before that is taken out again. What is learned has a fixed size and forgets by halves.
/// </remarks>
internal sealed class ReturnHistory
{
    private const int Slots = 10, SlotsPerWait = 8; // a slot is an eighth of what is waited for; one fills and one empties beside them
    private const double SeenMax = 4096;
    private const int Steps = IdleSteps.Count - 1; // nobody waits through the last one
    private readonly double[] _came = new double[IdleSteps.Count];
    private readonly double[] _waited = new double[IdleSteps.Count];
    private readonly int[] _pending = new int[Steps * Slots];
    private readonly long[] _oldest = new long[Steps]; // slots before it have been counted

    /// <summary>Observations since the last time that somebody set it back.</summary>
    public int Fresh { get; set; }

    public void Ended(TimeSpan at)
    {
        Fresh++;
        for (var step = 0; step < Steps; step++)
        {
            Count(step, at.TotalSeconds);
            _pending[Place(step, SlotOf(step, at.TotalSeconds))]++;
        }
    }

    public void Returned(TimeSpan endedAt, TimeSpan at)
    {
        Fresh++;
        var came = IdleSteps.Of((at - endedAt).TotalSeconds);
        _came[came]++;
        for (var step = came; step < Steps; step++)
        {
            Count(step, at.TotalSeconds);
            var slot = SlotOf(step, endedAt.TotalSeconds);
            if (slot >= _oldest[step] && _pending[Place(step, slot)] > 0) _pending[Place(step, slot)]--;
        }
        if (_came[came] + _waited[came] > SeenMax) Forget();
    }

    /// <summary>The chance that who has waited until this step comes within it.</summary>
    /// <param name="prior">What is said of it where nothing was seen.</param>
    /// <param name="weight">How many observations that is worth.</param>
    public double Chance(int step, double prior, double weight) =>
        (_came[step] + prior * weight) / (_came[step] + _waited[step] + weight);

    /// <summary>Brings all steps up to the time.</summary>
    public void CountUntil(TimeSpan now)
    {
        for (var step = 0; step < Steps; step++) Count(step, now.TotalSeconds);
    }

    private void Count(int step, double now)
    {
        var past = SlotOf(step, now - IdleSteps.To(step)); // whoever ended before it began has waited through the step
        if (past - _oldest[step] >= Slots) // all that is there, and more time than the ring has
        {
            for (var slot = 0; slot < Slots; slot++) Take(step, slot);
            _oldest[step] = past;
        }
        for (; _oldest[step] < past; _oldest[step]++) Take(step, _oldest[step]);
    }

    private void Take(int step, long slot)
    {
        ref var pending = ref _pending[Place(step, slot)];
        _waited[step] += pending;
        pending = 0;
        if (_came[step] + _waited[step] > SeenMax) Forget();
    }

    private void Forget()
    {
        for (var step = 0; step < IdleSteps.Count; step++) (_came[step], _waited[step]) = (_came[step] / 2, _waited[step] / 2);
    }

    private static long SlotOf(int step, double seconds) => (long)Math.Floor(seconds * SlotsPerWait / IdleSteps.To(step));

    private static int Place(int step, long slot) => step * Slots + (int)(((slot % Slots) + Slots) % Slots);
}
