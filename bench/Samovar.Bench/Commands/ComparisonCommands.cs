using System.CommandLine;
using Samovar.Bench.Peers;
using Samovar.Bench.Reports;
using Samovar.Bench.Samples;
using Samovar.Bench.Workloads.Engine;
using Samovar.Bench.Workloads.Targets;
using Samovar.Engine;

namespace Samovar.Bench.Commands;

/// <summary>Workloads that give the same work to Samovar and to others of its kind.</summary>
internal static class ComparisonCommands
{
    private const string Fit = "more-than-fit", Room = "room";
    private const int ReplayContext = 12_000; // tokens of a replayed prompt at most, as the model counts them

    private static readonly string[] WorkNames = ["turns", "room", "arrivals", Fit, "fork", "regenerate", "edit", "cancel"];

    public static IEnumerable<Command> All() => [Engine(), Gateway()];

    private static Command Engine()
    {
        var names = new Option<string[]>("--works")
        {
            Description = "What clients do.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => WorkNames,
        };
        names.AcceptOnlyFromAmong(WorkNames);
        var peer = new Option<string?>("--peer")
        {
            Description = "A llama-server program to give the same work to. [none]", HelpName = "PROGRAM",
        };
        var model = new Option<string?>("--model") { Description = "GGUF to measure. [models/pocket/pocket.gguf]", HelpName = "PATH" };
        var sessions = Number("--sessions", "Sessions that take turns, and generated ones that are more than fit.", 12);
        var turns = Number("--turns", "Turns of each session.", 5);
        var traces = new Option<string[]>("--trace")
        {
            Description = "Recorded sessions for more-than-fit, instead of generated ones: JSON, or JSON in gzip.",
            AllowMultipleArgumentsPerToken = true, HelpName = "FILE", DefaultValueFactory = _ => [],
        };
        var scale = new Option<double>("--tokens-scale")
        {
            Description = "What a token of a recorded or generated session counts for.", DefaultValueFactory = _ => 0.03,
        };
        var contexts = Number("--contexts", "With more-than-fit: how many contexts of full length the cells have room for.", 4);
        var host = Number("--host-cache", "With more-than-fit: MiB of host memory for conversations that wait.", 16);
        var kept = new Option<int[]>("--kept")
        {
            Description = "With room: how many sessions the memory is for.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [4, 8, 16],
        };
        var rounds = Number("--rounds", "Repetitions of everything.", 3);
        var folder = new Option<string?>("--run")
        {
            Description = "Folder of the run; one that was stopped goes on. [artifacts/runs/engine]", HelpName = "DIR",
        };
        var command = new Command("engine", "What the embedded engine keeps of conversations, beside a llama-server.")
            { names, peer, model, sessions, turns, traces, scale, contexts, host, kept, rounds, folder };
        command.SetAction(async (parsed, stop) =>
        {
            var plan = new EngineSizes(parsed.GetValue(sessions), parsed.GetValue(turns), parsed.GetValue(scale),
                new EngineMemory(parsed.GetValue(contexts), (long)parsed.GetValue(host) << 20), parsed.GetValue(traces)!);
            var file = parsed.GetValue(model) ?? Path.Combine(Root, "models", "pocket", "pocket.gguf");
            await RunAsync([.. parsed.GetValue(names)!.SelectMany<string, EngineWork>(name => name == Room
                ? parsed.GetValue(kept)!.Select(count => InRoom(plan, count, file)) : [WorkOf(name, plan)])], file, parsed.GetValue(peer),
                parsed.GetValue(rounds), parsed.GetValue(folder) ?? Path.Combine(Root, "artifacts", "runs", "engine"), stop);
        });
        return command;
    }

    private static Command Gateway()
    {
        var target = new Option<string?>("--target")
        {
            Description = "What stands before /responses of the server to measure. [Samovar, started for this]", HelpName = "URL",
        };
        var key = new Option<string?>("--key") { Description = "Bearer token for the target. [none]" };
        var model = new Option<string>("--model") { Description = "The model to ask for.", DefaultValueFactory = _ => "bench" };
        var headers = new Option<string[]>("--header")
        {
            Description = "More that the target wants with each request. [none]", HelpName = "NAME:VALUE", DefaultValueFactory = _ => [],
        };
        headers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string[]>() is { } all && all.Any(one => one.IndexOf(':', StringComparison.Ordinal) < 1))
                result.AddError("--header is a name, a colon and a value.");
        });
        var besideOwn = new Option<bool>("--beside-samovar")
        {
            Description = "With --target: Samovar in front of the same upstreams, the two taking turns.",
        };
        var port = Number("--upstream-port", "Port of the target's first upstream, the second has the next one; 0 takes free ones.", 0);
        var wait = Number("--wait", "Seconds that the target may take to know its upstreams.", 300);
        var history = new Option<int[]>("--history")
        {
            Description = "Bytes that a conversation begins with.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [10_000, 1_000_000],
        };
        var turns = Number("--turns", "Turns of a conversation.", 100);
        var rounds = Number("--rounds", "Conversations of each kind.", 5);
        var conversations = Number("--conversations", "Conversations that take turns as a destination dies.", 12);
        var modes = new Option<string[]>("--modes")
        {
            Description = "How the client speaks.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. TargetMode.All.Select(mode => mode.Name)],
        };
        modes.AcceptOnlyFromAmong([.. TargetMode.All.Select(mode => mode.Name)]);
        var folder = new Option<string?>("--run")
        {
            Description = "Folder of the run; one that is there gets more rounds. [artifacts/runs/gateway-NAME]", HelpName = "DIR",
        };
        var command = new Command("gateway", "Multi-turn work through any Responses server, beside its upstream directly.")
            { target, key, model, headers, besideOwn, port, wait, modes, history, turns, rounds, conversations, folder };
        command.SetAction((parsed, stop) => GatewayAsync(new GatewayTargetWorkload(parsed.GetValue(history)!, parsed.GetValue(turns),
            parsed.GetValue(rounds), new DeadDestination(parsed.GetValue(conversations), Before: 3, After: 3))
            {
                Modes = [.. TargetMode.All.Where(mode => parsed.GetValue(modes)!.Contains(mode.Name))],
            },
            parsed.GetValue(target) is not { } url ? null
                : new Target(new Uri(url).Authority, new Uri(url), parsed.GetValue(key), parsed.GetValue(model)!)
                {
                    Headers = [.. parsed.GetValue(headers)!.Select(one => one.Split(':', 2)).Select(one => (one[0], one[1].Trim()))],
                },
            parsed.GetValue(besideOwn), parsed.GetValue(port), TimeSpan.FromSeconds(parsed.GetValue(wait)), parsed.GetValue(folder), stop));
        return command;
    }

    private static async Task GatewayAsync(
        GatewayTargetWorkload workload, Target? target, bool isBesideOwn, int port, TimeSpan wait, string? folder, CancellationToken stop)
    {
        var name = target?.Name ?? GatewayTargetWorkload.OwnName;
        var run = RunFolder.Open(folder ?? Path.Combine(Root, "artifacts", "runs", "gateway-" + name.Replace(':', '-')),
            RunFacts.Here("./samovar bench gateway" + (target is null ? "" : " --target URL"), TimeProvider.System));
        var reports = target is null ? [await workload.MeasureSamovarAsync(run, Console.Error.WriteLine, stop)]
            : await workload.MeasureOtherAsync(target, isBesideOwn, port, wait, run, Console.Error.WriteLine, stop);
        foreach (var (report, of) in reports.Zip([name, GatewayTargetWorkload.OwnName]))
        {
            if (reports.Count > 1) Console.WriteLine($"\n**{of}**\n");
            TargetTables.Write(report, of, workload.Turns);
        }
    }

    private static async Task RunAsync(
        IReadOnlyList<EngineWork> works, string model, string? peer, int rounds, string folder, CancellationToken stop)
    {
        if (peer is not null)
            Console.WriteLine($"llama-server: {await LlamaServer.VersionAsync(peer) ?? "a version that it does not say"}");
        foreach (var fit in works.OfType<FitWork>())
            Console.WriteLine($"{fit.Name}: {fit.Sessions} sessions, {fit.Steps.Count} turns, the longest context "
                + $"{Figures.Show(fit.Needs.ContextTokens)} tokens; room for {fit.Room.Contexts} contexts of that length in cells and "
                + $"{fit.Room.HostBytes >> 20} MiB of host memory.");
        var run = RunFolder.Open(folder, RunFacts.Here("./samovar bench engine" + (peer is null ? "" : " --peer PROGRAM"),
            TimeProvider.System) with { Model = Path.GetFileName(model) });
        try
        {
            await new EngineWorkload(works, EngineContender.All(model, peer), rounds, run, Console.Error.WriteLine).RunAsync(stop);
        }
        catch (Exception exception) when (
            stop.IsCancellationRequested && exception is OperationCanceledException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync($"stopped; the same command goes on with the run in {folder}");
        }
        EngineTable.Write([.. run.Samples().Where(sample => works.Any(work => work.Name == sample.Cell.Workload))]);
    }

    private static TurnsWork InRoom(EngineSizes sizes, int kept, string model) =>
        new TurnsWork(sizes.Sessions, sizes.Turns, StartTokens: 1200, AddedTokens: 170, OutputTokens: 24)
            .InRoomFor(kept, StateShape.Of(GgufMetadata.Read(model)));

    private static EngineWork WorkOf(string name, EngineSizes sizes) => name switch
    {
        "turns" => new TurnsWork(sizes.Sessions, sizes.Turns, StartTokens: 2048, AddedTokens: 200, OutputTokens: 24),
        "arrivals" => new ArrivalsWork([6000, 3000, 1500, 800], ShortTokens: 60, OutputTokens: 16),
        Fit => new FitWork(
            sizes.Traces.Count == 0 ? ReplaySessions.Generated(sizes.Sessions, sizes.Turns)
                : ReplaySessions.Recorded(sizes.Traces, sizes.Turns, (int)(ReplayContext / sizes.TokensScale)),
            sizes.TokensScale, OutputMax: 24, sizes.Room),
        "fork" => Branch(BranchKind.Fork),
        "regenerate" => Branch(BranchKind.Regenerate),
        "edit" => Branch(BranchKind.Edit),
        _ => Branch(BranchKind.CancelAndEdit),
    };

    private static BranchWork Branch(BranchKind kind) =>
        new(kind, StartTokens: 3000, AddedTokens: 200, OutputTokens: 24, Branches: 4, Turns: 3);

    private static string Root => Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".";

    private static Option<int> Number(string name, string description, int otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };

    private sealed record EngineSizes(
        int Sessions, int Turns, double TokensScale, EngineMemory Room, IReadOnlyList<string> Traces);
}
