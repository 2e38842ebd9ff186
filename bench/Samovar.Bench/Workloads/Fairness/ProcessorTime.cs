namespace Samovar.Bench.Workloads.Fairness;

/// <summary>
/// Time that this process has computed. An engine with one thread that lives by it decides as on a machine that nobody else uses, and what
/// it is measured by holds beside other work. Nothing passes while it waits.
/// </summary>
internal sealed class ProcessorTime : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Environment.CpuUsage.TotalTime.Ticks;
}
