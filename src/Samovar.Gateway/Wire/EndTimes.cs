namespace Samovar.Gateway.Wire;

/// <summary>How long an upstream is waited for that has finished its answer.</summary>
/// <param name="AfterFinish">For what was used, and the end of the stream.</param>
/// <param name="AfterUsage">For the end of the stream alone.</param>
/// <param name="InDoubt">For more of an answer that may go on: models think for minutes between two pieces.</param>
internal sealed record EndTimes(TimeSpan AfterFinish, TimeSpan AfterUsage, TimeSpan InDoubt)
{
    public static readonly EndTimes Default = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5), TimeSpan.FromMinutes(2.5));
}
