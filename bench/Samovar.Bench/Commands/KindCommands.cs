using System.CommandLine;
using Samovar.Bench.Workloads;
using Samovar.Testing.Engines.Talks;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Bench.Commands;

/// <summary>Workloads of models that remember in different ways.</summary>
internal static class KindCommands
{
    private static readonly Option<string[]> Kinds = new("--kinds")
    {
        Description = "Architectures; default: " + string.Join(' ', ModelKind.All) + ".", AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Start = Tokens("--start", "Tokens of the instructions.", TalkSizes.Field.Start);
    private static readonly Option<int> Question = Tokens("--question", "Tokens of a question.", TalkSizes.Field.Question);
    private static readonly Option<int> Answer = Tokens("--answer", "Tokens of an answer.", TalkSizes.Field.Answer);

    public static IEnumerable<Command> All() => [Scenarios(), Tiers(), Fleet(), Disk()];

    private static Command Scenarios()
    {
        var type = new Option<string>("--kv-type") { Description = "Type of the cells.", DefaultValueFactory = _ => "f16" };
        var command = new Command("kinds", "What returning clients cost on models of every kind of memory, by scenario.")
            { Kinds, Start, Question, Answer, type };
        command.SetAction((parsed, _) => new KindsWorkload(Folder, KindsOf(parsed), SizesOf(parsed), parsed.GetValue(type)!).RunAsync());
        return command;
    }

    private static Command Tiers()
    {
        var sessions = Tokens("--sessions", "Sessions that take turns.", 16);
        var turns = Tokens("--turns", "Turns of each.", 12);
        var kept = new Option<int[]>("--kept")
        {
            Description = "Sessions that the memory is for.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [4, 8, 16],
        };
        var disk = new Option<int[]>("--disk")
        {
            Description = "MB of files for what memory has no room for; 0: none.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [0, 2000],
        };
        var command = new Command("tiers", "More sessions than memory: what is computed again, by kind of memory.")
            { Kinds, Start, Question, Answer, sessions, turns, kept, disk };
        command.SetAction((parsed, _) => new TiersWorkload(Folder, KindsOf(parsed), SizesOf(parsed),
            new TalkCrowd(parsed.GetValue(sessions), parsed.GetValue(turns)), parsed.GetValue(kept)!,
            [.. parsed.GetValue(disk)!.Select(megabytes => megabytes * 1_000_000L)]).RunAsync());
        return command;
    }

    private static Command Fleet()
    {
        var agents = Tokens("--agents", "Agents that begin at once.", 8);
        var rounds = Tokens("--rounds", "How often it is measured.", 5);
        var command = new Command("prefixes", "A fleet of agents that begin at once, its start warmed before and not, by kind of memory.")
            { Kinds, Start, Question, Answer, agents, rounds };
        command.SetAction((parsed, _) => new FleetWorkload(
            Folder, KindsOf(parsed), SizesOf(parsed), parsed.GetValue(agents), parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Disk()
    {
        var rounds = Tokens("--rounds", "Rounds, each of all ways one after the other.", 5);
        var tokens = new Option<int[]>("--tokens")
        {
            Description = "Lengths of contexts.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1024, 4096],
        };
        var next = Tokens("--next", "New tokens of the turn that goes on; real agents' have 740 at the median.", 16);
        var pocket = Path.Combine(Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".", "models", "pocket", "pocket.gguf");
        var command = new Command("disk", "State in host memory, in files and across a restart, beside computing the same.")
            { rounds, tokens, next };
        command.SetAction((parsed, _) => new DiskWorkload(
            [("pocket", pocket), ("100M random", RandomModel.Ensure(Folder, RandomModelSize.M100))], parsed.GetValue(tokens)!,
            parsed.GetValue(next), parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Option<int> Tokens(string name, string description, int otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };

    private static IReadOnlyList<ModelKind> KindsOf(ParseResult parsed) =>
        parsed.GetValue(Kinds) is { Length: > 0 } named ? [.. named.Select(ModelKind.Of)] : ModelKind.All;

    private static TalkSizes SizesOf(ParseResult parsed) =>
        new(parsed.GetValue(Start), parsed.GetValue(Question), parsed.GetValue(Answer));

    private static string Folder =>
        Path.Combine(Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".", "artifacts", "models");
}
