using System.Reflection;
using System.Runtime.InteropServices;

namespace Samovar.Bench.Samples;

/// <summary>What a run was made with: a figure without these says nothing.</summary>
internal sealed record RunFacts
{
    /// <summary>The command line that makes the run again.</summary>
    public required string Command { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required string Version { get; init; }
    public required string Processor { get; init; }
    public required int Cores { get; init; }
    public required long MemoryBytes { get; init; }
    public required string System { get; init; }
    public required string Runtime { get; init; }

    /// <summary>The model of the embedded engine and libllama's version; null where no engine ran.</summary>
    public string? Model { get; init; }
    public string? Library { get; init; }

    /// <summary>How links were made: <c>netem</c> (network namespaces) or <c>userspace</c>; null where none was.</summary>
    public string? LinkMethod { get; init; }

    /// <summary>This machine and this build.</summary>
    public static RunFacts Here(string command, TimeProvider time) => new()
    {
        Command = command,
        StartedAt = time.GetUtcNow(),
        Version = typeof(RunFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        Processor = ProcessorName() ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Cores = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        System = RuntimeInformation.OSDescription,
        Runtime = RuntimeInformation.FrameworkDescription,
    };

    private static string? ProcessorName() => !File.Exists("/proc/cpuinfo") ? null
        : File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[1].Trim();
}
