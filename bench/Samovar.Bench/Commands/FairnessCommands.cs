using System.CommandLine;
using Samovar.Bench.Workloads;
using Samovar.Bench.Workloads.Fairness;
using Samovar.Testing.Models;

namespace Samovar.Bench.Commands;

/// <summary>Workloads of what turns do to each other.</summary>
internal static class FairnessCommands
{
    public static IEnumerable<Command> All() => [Fair(), Chunks(), Copies()];

    private static Command Fair()
    {
        var parts = new Option<string[]>("--parts")
        {
            Description = "Which of them: sixteen, beside, together, floods.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => FairWorkload.AllParts,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of a decode, and the processor's time; 0 takes all cores, and the time that passes.",
            DefaultValueFactory = _ => 1,
        };
        var tokens = new Option<int>("--tokens") { Description = "Tokens of the long prompt.", DefaultValueFactory = _ => 16_000 };
        var turns = new Option<int>("--turns") { Description = "Quiet turns in each flood.", DefaultValueFactory = _ => 12 };
        var command = new Command("fair", "What turns of the engine do to each other: intervals of tokens, prompts, floods.")
            { parts, threads, tokens, turns, EngineCommands.Model };
        command.SetAction((parsed, _) => new FairWorkload(EngineCommands.ModelOf(parsed, RandomModelSize.M100), parsed.GetValue(parts)!,
            parsed.GetValue(threads), parsed.GetValue(tokens), parsed.GetValue(turns)).RunAsync());
        return command;
    }

    private static Command Chunks()
    {
        var depths = EngineCommands.Numbers("--depths", "Tokens in front.", 512, 4096, 15_000);
        var sizes = EngineCommands.Numbers("--sizes", "Tokens of a chunk.", 8, 16, 32, 48, 63, 64, 128, 256, 512);
        var threads = new Option<int>("--threads") { Description = "Threads of a chunk.", DefaultValueFactory = _ => 1 };
        var runs = new Option<int>("--runs") { Description = "Of each chunk; the least counts.", DefaultValueFactory = _ => 5 };
        var command = new Command("chunks", "What chunks of a prompt cost by their length and depth: libllama alone.")
            { depths, sizes, threads, runs, EngineCommands.Model };
        command.SetAction((parsed, _) =>
        {
            new ChunksWorkload(EngineCommands.ModelOf(parsed, RandomModelSize.M100), parsed.GetValue(depths)!, parsed.GetValue(sizes)!,
                parsed.GetValue(threads), parsed.GetValue(runs)).Run();
            return Task.CompletedTask;
        });
        return command;
    }

    private static Command Copies()
    {
        var tokens = EngineCommands.Numbers("--tokens", "Tokens of the state.", 4096, 16_384, 65_536, 300_000);
        var runs = new Option<int>("--runs") { Description = "Of each; the least counts.", DefaultValueFactory = _ => 3 };
        var command = new Command("copies", "What saving and setting a stream's whole state takes, which no round can divide.")
            { tokens, runs, EngineCommands.Model };
        command.SetAction((parsed, _) =>
        {
            new CopiesWorkload(EngineCommands.ModelOf(parsed, RandomModelSize.Tiny), parsed.GetValue(tokens)!, parsed.GetValue(runs)).Run();
            return Task.CompletedTask;
        });
        return command;
    }
}
