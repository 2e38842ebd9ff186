namespace Samovar.Engine.Retention;

/// <summary>
/// Says what memory is worth keeping. Time is that of any clock that never goes back; whoever asks has it, a policy has none of its own.
/// </summary>
internal interface IRetentionPolicy
{
    /// <summary>As <see cref="EngineOptions.Retention"/> names it.</summary>
    string Name { get; }

    /// <summary>
    /// What keeping this state is worth: the lowest goes first. <see cref="double.NegativeInfinity"/> is not worth keeping even where there
    /// is room.
    /// </summary>
    double Worth(in HeldState state, TimeSpan now);

    /// <summary>Until when that stays so, if nobody uses the state.</summary>
    TimeSpan WorthUntil(in HeldState state, TimeSpan now);

    /// <summary>A turn has ended, and its conversation waits for whoever continues it.</summary>
    void Ended(TurnEnding ending, TimeSpan at);

    /// <summary>A conversation goes on whose last turn ended so, then. Told whether its state was still there or not.</summary>
    void Returned(TurnEnding ending, TimeSpan endedAt, TimeSpan at);
}
