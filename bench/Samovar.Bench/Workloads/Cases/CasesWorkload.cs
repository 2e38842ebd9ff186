using System.Text.Json;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Cases;

/// <summary>
/// Plays a folder of cases (how upstreams and clients really behave) against a gateway and an embedded engine, prints what is right beside
/// what came, and counts the cases that are right.
/// </summary>
/// <param name="folder">The cases, one JSON file each; <c>run.py</c> and <c>pools.json</c> stand in the folder above.</param>
/// <param name="only">A part of the names of those that are played; null plays all.</param>
internal sealed class CasesWorkload(string folder, string model, string? only, bool showsAll)
{
    private const string PoolsPort = "18900"; // of the fake upstream in pools.json
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private readonly CaseVerdicts _verdicts = CaseVerdicts.Read();

    public async Task RunAsync()
    {
        var files = Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .Where(file => only is null || Path.GetFileName(file).Contains(only, StringComparison.Ordinal)).ToList();
        if (files.Count == 0) throw new InvalidOperationException($"There are no cases in {folder}.");
        var above = Path.GetDirectoryName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar))!;
        var data = Directory.CreateTempSubdirectory("samovar-cases-").FullName;
        try
        {
            var upstreamPort = ServerProcess.FreePort();
            var pools = Path.Combine(data, "pools.json");
            var settings = await File.ReadAllTextAsync(Path.Combine(above, "pools.json"));
            await File.WriteAllTextAsync(pools, settings.Replace(PoolsPort, $"{upstreamPort}", StringComparison.Ordinal));
            await using var gateway = await StartAsync("--config", pools, "--data", Path.Combine(data, "gateway"));
            await using var engine = await StartAsync("--model", model, "--data", Path.Combine(data, "engine"));
            await PlayAsync(files, new CasePlayer(Path.Combine(above, "run.py"), gateway.Port, engine.Port, upstreamPort));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static Task<ServerProcess> StartAsync(params string[] arguments) => ServerProcess.StartAsync(
        ["Samovar.Bench.dll", "server"], [.. arguments, "--log-level", "Error"], new Dictionary<string, string>(), StartMax);

    private async Task PlayAsync(List<string> files, CasePlayer player)
    {
        var (right, wrong, unjudged) = (0, 0, 0);
        foreach (var file in files)
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var outcome = await player.PlayAsync(file);
            var faults = _verdicts.Judge(name, outcome);
            var word = faults switch { null => "no verdict", [] => "right", _ => "WRONG" };
            Console.WriteLine($"{word,-10} {name}");
            if (faults is not [] || showsAll) Print(file, faults ?? [], outcome);
            if (faults is null) unjudged++;
            else if (faults.Count == 0) right++;
            else wrong++;
        }
        Console.WriteLine($"{right} of {right + wrong} cases are right{(unjudged == 0 ? "" : $", {unjudged} without a verdict")}.");
    }

    private static void Print(string file, IReadOnlyList<string> faults, string outcome)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        foreach (var field in (string[])["situation", "expect", "right"])
            if (json.RootElement.TryGetProperty(field, out var text)) Console.WriteLine($"  {field}: {text.GetString()}");
        foreach (var fault in faults) Console.WriteLine("  " + fault);
        Console.WriteLine("  came:");
        Console.WriteLine(outcome.TrimEnd());
        Console.WriteLine();
    }
}
