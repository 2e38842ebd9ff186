using System.Globalization;

namespace Samovar.Bench.Servers;

/// <summary>What a process has used since its start.</summary>
/// <param name="AllocatedBytes">Managed memory that was allocated, whatever became of it.</param>
/// <param name="Pauses">Time in which the collector held all threads.</param>
/// <param name="Contentions">Times that a thread had to wait for a lock.</param>
internal readonly record struct ProcessCosts(TimeSpan Processor, long AllocatedBytes, TimeSpan Pauses, long Contentions)
{
    public static ProcessCosts operator -(ProcessCosts later, ProcessCosts earlier) => new(
        later.Processor - earlier.Processor, later.AllocatedBytes - earlier.AllocatedBytes, later.Pauses - earlier.Pauses,
        later.Contentions - earlier.Contentions);

    public static ProcessCosts operator +(ProcessCosts one, ProcessCosts other) => new(
        one.Processor + other.Processor, one.AllocatedBytes + other.AllocatedBytes, one.Pauses + other.Pauses,
        one.Contentions + other.Contentions);

    /// <summary>As <see cref="Text"/> wrote it, with the processor time as the operating system tells it.</summary>
    public static ProcessCosts Read(string text, TimeSpan processor)
    {
        var parts = text.Split(' ');
        long Number(int at) => long.Parse(parts[at], CultureInfo.InvariantCulture);
        return new ProcessCosts(processor, Number(0), TimeSpan.FromTicks(Number(1)), Number(2));
    }

    /// <summary>This process's own, for one line of text.</summary>
    public static string Text() => string.Create(CultureInfo.InvariantCulture,
        $"{GC.GetTotalAllocatedBytes(precise: true)} {GC.GetTotalPauseDuration().Ticks} {Monitor.LockContentionCount}");
}
