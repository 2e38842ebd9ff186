using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>What is replayed.</summary>
/// <param name="Folder">Of traces.</param>
/// <param name="Sessions">How many are played; 0: each recorded one once.</param>
/// <param name="AtOnce">Sessions that have begun and not ended, on average.</param>
/// <param name="PausesMax">The longest pause of a client, one replay for each; zero: as recorded.</param>
/// <param name="Percents">Memory, of the live tokens.</param>
/// <param name="Seeds">Replays that differ in who comes when.</param>
internal sealed record RetentionPlan(
    string Folder, int Sessions, double AtOnce, TimeSpan[] PausesMax, double[] Percents, int Seeds, PrefillCost Cost)
{
    /// <summary>Whether policies are judged by one half of the sessions, and may learn from the other before.</summary>
    public bool Crosses { get; init; }
}
