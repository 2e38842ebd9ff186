namespace Samovar.Gateway.Wire;

/// <summary>How long an upstream is waited for that has finished its answer.</summary>
/// <param name="AfterFinish">For what was used, and the end of the stream.</param>
/// <param name="AfterUsage">For the end of the stream alone.</param>
internal sealed record EndTimes(TimeSpan AfterFinish, TimeSpan AfterUsage)
{
    public static readonly EndTimes Default = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5));
}
