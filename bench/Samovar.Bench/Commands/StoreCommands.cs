using System.CommandLine;
using Samovar.Bench.Workloads.Stores;

namespace Samovar.Bench.Commands;

/// <summary>Workloads of what outlives the process.</summary>
internal static class StoreCommands
{
    public static IEnumerable<Command> All() => [Store()];

    private static Command Store()
    {
        var rows = new Option<int>("--rows") { Description = "Responses appended one by one.", DefaultValueFactory = _ => 500 };
        var callers = new Option<int>("--callers") { Description = "Turns that append at once.", DefaultValueFactory = _ => 64 };
        var bytes = new Option<int>("--bytes") { Description = "Bytes of a response, packed.", DefaultValueFactory = _ => 2000 };
        var chain = new Option<int>("--chain") { Description = "Responses of the chain that is read.", DefaultValueFactory = _ => 1000 };
        var folder = new Option<string?>("--folder") { Description = "Where the file lies; default: the temp folder." };
        var postgres = new Option<string?>("--postgres") { Description = "A PostgreSQL's connection string; default: one of its own." };
        var command = new Command("store", "Appends and reads of stored responses, beside one fsync.")
            { rows, callers, bytes, chain, folder, postgres };
        command.SetAction((parsed, _) => new StoreWorkload(parsed.GetValue(rows), parsed.GetValue(callers), parsed.GetValue(bytes),
            parsed.GetValue(chain), parsed.GetValue(folder) ?? Path.GetTempPath(), parsed.GetValue(postgres)).RunAsync());
        return command;
    }
}
