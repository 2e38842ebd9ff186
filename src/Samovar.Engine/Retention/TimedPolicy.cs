namespace Samovar.Engine.Retention;

/// <summary>
/// Each state has its time, long after a tool call and short after an answer; whose time is over first goes first, and superseded state
/// before all.
/// </summary>
internal sealed class TimedPolicy : IRetentionPolicy
{
    private static readonly TimeSpan AfterCall = TimeSpan.FromMinutes(5); // 96 of 100 tools have answered by then
    private static readonly TimeSpan AfterAnswer = TimeSpan.FromMinutes(1);

    public string Name => RetentionNames.Timed;

    public double Worth(in HeldState state, TimeSpan now) =>
        state.Ending.Stop == StopKind.Final ? double.NegativeInfinity
        : (state.IsSuperseded ? state.LastUsed - TimeSpan.FromDays(3650) : state.LastUsed + TimeOf(state.Ending)).TotalSeconds;

    public TimeSpan WorthUntil(in HeldState state, TimeSpan now) => TimeSpan.MaxValue;

    public void Ended(TurnEnding ending, TimeSpan at)
    {
    }

    public void Returned(TurnEnding ending, TimeSpan endedAt, TimeSpan at)
    {
    }

    private static TimeSpan TimeOf(TurnEnding ending) => ending.Stop == StopKind.ToolCall ? AfterCall : AfterAnswer;
}
