namespace Samovar.Gateway.Wire;

/// <summary>How long an upstream is waited for that has finished its answer.</summary>
/// <param name="AfterFinish">For what was used, and the end of the stream.</param>
/// <param name="AfterUsage">For the end of the stream alone.</param>
/// <param name="InDoubt">For more of an answer that may go on: some upstreams name a reason with every piece, others send all in
/// one.</param>
internal sealed record EndTimes(TimeSpan AfterFinish, TimeSpan AfterUsage, TimeSpan InDoubt)
{
    private static readonly TimeSpan DoubtMax = TimeSpan.FromSeconds(20);
    public static readonly EndTimes Default = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5), DoubtMax);

    /// <summary>Less than a silence that is a fault.</summary>
    public static TimeSpan DoubtOf(TimeSpan idle) => idle / 2 < DoubtMax ? idle / 2 : DoubtMax;
}
