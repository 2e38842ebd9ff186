using System.CommandLine;
using Samovar.Bench.Workloads.Stores;
using Samovar.Testing.Models;

namespace Samovar.Bench.Commands;

/// <summary>Workloads of turns whose responses are stored.</summary>
internal static class StoredTurnCommands
{
    public static IEnumerable<Command> All() => [StoredTurns(), Hydrate(), Conversations(), Kept(), Kills()];

    private static Command StoredTurns()
    {
        var rounds = new Option<int>("--rounds") { Description = "Measured turns of each store.", DefaultValueFactory = _ => 2000 };
        var folder = new Option<string?>("--folder") { Description = "Where the file lies. [the temporary files]", HelpName = "DIR" };
        var command = new Command("stored-turns", "What storing adds to a turn: memory, SQLite, PostgreSQL.") { rounds, folder };
        command.SetAction((parsed, _) => new StoredTurnsWorkload(parsed.GetValue(rounds), parsed.GetValue(folder)).RunAsync());
        return command;
    }

    private static Command Hydrate()
    {
        var turns = new Option<int>("--turns") { Description = "Turns of the chain.", DefaultValueFactory = _ => 1000 };
        var bytes = new Option<int>("--bytes") { Description = "Bytes of text of each turn.", DefaultValueFactory = _ => 1800 };
        var rounds = new Option<int>("--rounds") { Description = "Measured turns behind each chain.", DefaultValueFactory = _ => 1000 };
        var command = new Command("hydrate", "A long chain after a restart: its first turn, its next ones, its bytes on the disk.")
            { turns, bytes, rounds };
        command.SetAction((parsed, _) =>
            new HydrateWorkload(parsed.GetValue(turns), parsed.GetValue(bytes), parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Conversations()
    {
        var items = new Option<int>("--items") { Description = "Items of the longest conversation.", DefaultValueFactory = _ => 10_000 };
        var completions = new Option<int>("--completions")
        {
            Description = "Stored chat completions among which one is looked for by its metadata.", DefaultValueFactory = _ => 10_000,
        };
        var rounds = new Option<int>("--rounds") { Description = "Measured requests of each kind.", DefaultValueFactory = _ => 200 };
        var folder = new Option<string?>("--folder") { Description = "Where the file lies. [the temporary files]", HelpName = "DIR" };
        var command = new Command("conversations", "Lists of short and long conversations, turns behind them, completions by metadata.")
            { items, completions, rounds, folder };
        command.SetAction((parsed, _) => new ConversationsWorkload(
            parsed.GetValue(items), parsed.GetValue(completions), parsed.GetValue(rounds), parsed.GetValue(folder)).RunAsync());
        return command;
    }

    private static Command Kept()
    {
        var steps = new Option<int[]>("--responses")
        {
            Description = "Stored responses at which is looked. [1000 10000 100000]", DefaultValueFactory = _ => [1000, 10_000, 100_000],
            AllowMultipleArgumentsPerToken = true,
        };
        var cache = new Option<long>("--cache") { Description = "Bytes of the cache.", DefaultValueFactory = _ => 32_000_000 };
        var command = new Command("kept", "Memory of the server while its store grows.") { steps, cache };
        command.SetAction((parsed, _) => new KeptWorkload(parsed.GetValue(steps)!, parsed.GetValue(cache)).RunAsync());
        return command;
    }

    private static Command Kills()
    {
        var kills = new Option<int>("--kills") { Description = "How often the server is killed.", DefaultValueFactory = _ => 100 };
        var stored = new Option<int>("--stored")
        {
            Description = "Responses that lie in the store before.", DefaultValueFactory = _ => 10_000,
        };
        var postgres = new Option<bool>("--postgres") { Description = "On a PostgreSQL of its own, not on a file." };
        var command = new Command("kills", "kill -9 in the midst of stored conversations: what is there afterwards, how soon it starts.")
            { kills, stored, postgres };
        command.SetAction((parsed, _) => new KillsWorkload(
            RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny), parsed.GetValue(kills),
            parsed.GetValue(stored), parsed.GetValue(postgres)).RunAsync());
        return command;
    }
}
