using System.CommandLine;
using Samovar.Bench.Links;
using Samovar.Bench.Reports;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;
using Samovar.Testing.Models;

namespace Samovar.Bench.Commands;

/// <summary>The case for stateful continuation, measured.</summary>
internal static class TransportCommands
{
    public static IEnumerable<Command> All() => [Transport()];

    private static Command Transport()
    {
        var tasks = AgentTask.Published.Concat(AgentTask.Loops).Append(AgentTask.FirstTurn).Concat(SubAgentTasks.All).ToList();
        var task = Names("--tasks", "What the agent does; with --trace none but those named here.", tasks.Select(one => one.Name),
            "fix-test", "add-feature", "refactor", "loop-20");
        var kind = Names("--transports", "How it speaks.", TransportKind.All.Select(one => one.Name),
            [.. TransportKind.Usual.Select(one => one.Name)]);
        var backend = Names("--backends", "Who answers.", TransportBackend.All.Select(one => one.Name), "provider-65", "provider-1000");
        var link = Names("--link", "What lies between.", LinkShape.All.Select(one => one.Name), "lan");
        var rounds = new Option<int>("--rounds") { Description = "Repetitions of everything.", DefaultValueFactory = _ => 3 };
        var atOnce = new Option<int>("--at-once")
        {
            Description = "Conversations with simulated providers that run at once.", DefaultValueFactory = _ => 8,
        };
        var method = StoryCommands.Method();
        var tls = new Option<bool>("--tls") { Description = "Clients speak TLS to a front that takes it off, as to a load balancer." };
        var folder = new Option<string?>("--run")
        {
            Description = "Folder of the run; one that was stopped goes on. [artifacts/runs/transport]", HelpName = "DIR",
        };
        var model = new Option<string?>("--model")
        {
            Description = "GGUF of the engine; default: a random model of 15M parameters.", HelpName = "PATH",
        };
        var prefill = new Option<int?>("--prefill")
        {
            Description = "Tokens a second at which a simulated provider reads what its cache does not have. "
                + $"[{string.Join(", ", TransportBackend.All.Where(one => one.Speed is not null).Select(one => $"{one.Name}: "
                    + one.Speed!.PrefillTokens.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture)))}]",
            HelpName = "N",
        };
        prefill.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1) result.AddError("--prefill is a number above 0.");
        });
        var (traces, replicas) = (new TraceOptions(), new ReplicaOptions());
        var command = new Command("transport", "The same agent work over HTTP and WebSocket: bytes, time to first token, time of a task.")
            { task, kind, backend, prefill, link, rounds, atOnce, method, tls, folder, model };
        foreach (var option in replicas.All.Concat(traces.All)) command.Add(option);
        command.SetAction((parsed, stop) => RunAsync(new TransportPlan(
            traces.Of(parsed, [.. tasks.Where(one => parsed.GetValue(task)!.Contains(one.Name)
                && !(traces.Has(parsed) && IsImplicit(parsed, task)))]),
            [.. TransportKind.All.Where(one => parsed.GetValue(kind)!.Contains(one.Name))],
            [.. TransportBackend.All.Where(one => parsed.GetValue(backend)!.Contains(one.Name)).SelectMany(one =>
                replicas.Of(parsed).Select(plan => one.Reading(parsed.GetValue(prefill)).With(plan))).Distinct()],
            [.. LinkShape.All.Where(one => parsed.GetValue(link)!.Contains(one.Name))], parsed.GetValue(rounds)),
            parsed.GetValue(folder) ?? Artifact("runs", "transport"), parsed.GetValue(model),
            parsed.GetValue(atOnce), parsed.GetValue(tls), parsed.GetValue(method), stop));
        return command;
    }

    private static bool IsImplicit(ParseResult parsed, Option option) => parsed.GetResult(option)?.Implicit != false;

    private static async Task RunAsync(TransportPlan plan, string folder, string? model, int atOnce, bool hasTls,
        LinkMethod method, CancellationToken stop)
    {
        var run = RunFolder.Open(folder, RunFacts.Here("./samovar bench transport", TimeProvider.System));
        await new TransportWorkload(plan, run, model ?? RandomModel.Ensure(Artifact("models"), RandomModelSize.M15), atOnce, hasTls,
            new RunLines()) { LinkMethod = method }.RunAsync(stop);
        TransportTable.Write(run.Samples());
        if (run.Facts.LinkMethod is { } made) Console.WriteLine($"\nLinks: {made}.");
    }

    public static string Artifact(params string[] path) =>
        Path.Combine([Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".", "artifacts", .. path]);

    private static Option<string[]> Names(string name, string description, IEnumerable<string> all, params string[] otherwise)
    {
        var option = new Option<string[]>(name)
        {
            Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => otherwise,
        };
        option.AcceptOnlyFromAmong([.. all]);
        return option;
    }
}
