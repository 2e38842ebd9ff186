using System.Globalization;
using System.Runtime;

namespace Samovar.Bench.Servers;

/// <summary>What a process has used since its start.</summary>
/// <param name="AllocatedBytes">Managed memory that was allocated, whatever became of it.</param>
/// <param name="Pauses">Time in which the collector held all threads.</param>
/// <param name="Contentions">Times that a thread had to wait for a lock.</param>
/// <param name="Compiling">Time of the JIT compiler, a part of the processor time.</param>
internal readonly record struct ProcessCosts(
    TimeSpan Processor, long AllocatedBytes = 0, TimeSpan Pauses = default, long Contentions = 0, TimeSpan Compiling = default)
{
    public static ProcessCosts operator -(ProcessCosts later, ProcessCosts earlier) => new(
        later.Processor - earlier.Processor, later.AllocatedBytes - earlier.AllocatedBytes, later.Pauses - earlier.Pauses,
        later.Contentions - earlier.Contentions, later.Compiling - earlier.Compiling);

    public static ProcessCosts operator +(ProcessCosts one, ProcessCosts other) => new(
        one.Processor + other.Processor, one.AllocatedBytes + other.AllocatedBytes, one.Pauses + other.Pauses,
        one.Contentions + other.Contentions, one.Compiling + other.Compiling);

    /// <summary>As <see cref="Text"/> wrote it, with the processor time as the operating system reports it.</summary>
    public static ProcessCosts Read(string text, TimeSpan processor)
    {
        var parts = text.Split(' ');
        long Number(int at) => long.Parse(parts[at], CultureInfo.InvariantCulture);
        return new ProcessCosts(processor, Number(0), TimeSpan.FromTicks(Number(1)), Number(2), TimeSpan.FromTicks(Number(3)));
    }

    /// <summary>This process's own, for one line of text.</summary>
    public static string Text() => string.Create(CultureInfo.InvariantCulture,
        $"{GC.GetTotalAllocatedBytes(precise: true)} {GC.GetTotalPauseDuration().Ticks} {Monitor.LockContentionCount} ")
        + JitInfo.GetCompilationTime().Ticks.ToString(CultureInfo.InvariantCulture);
}
