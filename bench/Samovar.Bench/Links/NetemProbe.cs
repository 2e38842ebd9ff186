namespace Samovar.Bench.Links;

/// <summary>Whether the kernel can shape links here: by doing it once.</summary>
internal static class NetemProbe
{
    /// <summary>Null where it can; else what stands against it.</summary>
    public static async Task<string?> ObstacleAsync(RunCommand run, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux()) return "it is Linux's";
        if (!Environment.IsPrivilegedProcess) return "it needs root";
        return await ObstacleAsync(new NetemPlan(LinkShape.Airplane, Environment.ProcessId, 0), run, stop);
    }

    /// <summary>Tries a plan, and takes away what it made.</summary>
    public static async Task<string?> ObstacleAsync(NetemPlan plan, RunCommand run, CancellationToken stop)
    {
        try
        {
            return await FirstFaultAsync([.. plan.Open(), .. plan.Shaped()], run, stop);
        }
        finally
        {
            foreach (var command in plan.Close()) await run(command);
        }
    }

    /// <summary>Runs commands up to the first that fails.</summary>
    /// <returns>That command and what it said; null where all succeeded.</returns>
    public static async Task<string?> FirstFaultAsync(
        IEnumerable<IReadOnlyList<string>> commands, RunCommand run, CancellationToken stop)
    {
        foreach (var command in commands)
        {
            stop.ThrowIfCancellationRequested();
            if (await run(command) is { } said) return $"{string.Join(' ', command)}: {said}";
        }
        return null;
    }
}
