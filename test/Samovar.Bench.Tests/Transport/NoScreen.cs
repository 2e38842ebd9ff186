using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Tests.Transport;

/// <summary>Nobody watches.</summary>
internal sealed class NoScreen : IRunProgress
{
    public void Begin(IReadOnlyCollection<PlannedRound> left, int finished) { }
    public void Began(PlannedRound round) { }
    public void Turn(PlannedRound round, TurnSample sample) { }
    public void Ended(PlannedRound round) { }
}
