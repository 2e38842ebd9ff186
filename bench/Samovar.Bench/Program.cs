using System.CommandLine;
using Samovar.Bench.Workloads;
using Samovar.Testing.Models;

var folder = Path.Combine(Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".", "artifacts", "models");
var model = new Option<string?>("--model") { Description = "GGUF to measure; default: a random model of 100M parameters, Q8_0." };
string ModelOf(ParseResult parsed, RandomModelSize size) => parsed.GetValue(model) ?? RandomModel.Ensure(folder, size);

var sessions = new Option<int[]>("--sessions")
{
    Description = "How many sessions take turns.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => [1, 4, 8, 16],
};
var turns = new Option<int>("--turns") { Description = "Turns of each session.", DefaultValueFactory = _ => 12 };
var peer = new Option<string?>("--peer") { Description = "A llama-server program to give the same work to; default: none." };
var sessionsCommand = new Command("sessions", "Sessions with a shared start of 4k tokens that take turns.")
    { sessions, turns, model, peer };
sessionsCommand.SetAction((parsed, _) =>
    new SessionsWorkload(ModelOf(parsed, RandomModelSize.M100), parsed.GetValue(sessions)!, parsed.GetValue(turns), 4096, 300, 40,
        parsed.GetValue(peer)).RunAsync());

var depths = new Option<int[]>("--depths")
{
    Description = "Tokens of context.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => [1024, 4096, 8192, 16_384],
};
var runs = new Option<int>("--runs") { Description = "Warm turns at each depth; the median counts.", DefaultValueFactory = _ => 5 };
var depthCommand = new Command("depth", "A +200-token turn, warm and cold, against bare libllama.") { depths, runs, model };
depthCommand.SetAction((parsed, _) =>
    new DepthWorkload(ModelOf(parsed, RandomModelSize.M100), parsed.GetValue(depths)!, 200, parsed.GetValue(runs)).RunAsync());

var sockets = new Option<int>("--sockets") { Description = "Open and silent sockets.", DefaultValueFactory = _ => 10_000 };
var idleCommand = new Command("idle", "Resident memory of idle sockets.") { sockets, model };
idleCommand.SetAction((parsed, _) => new IdleWorkload(ModelOf(parsed, RandomModelSize.Tiny), parsed.GetValue(sockets)).RunAsync());

var history = new Option<int[]>("--history")
{
    Description = "Bytes of history behind the turn.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => [10_000, 1_000_000],
};
var rounds = new Option<int>("--rounds") { Description = "Measured turns behind each history.", DefaultValueFactory = _ => 500 };
var historyCommand = new Command("history", "What the server adds to a turn besides the engine.") { history, rounds };
historyCommand.SetAction((parsed, _) => new HistoryWorkload(parsed.GetValue(history)!, parsed.GetValue(rounds)).RunAsync());

return await new RootCommand("Samovar's benchmarks: Markdown tables, one workload each.")
    { sessionsCommand, depthCommand, idleCommand, historyCommand }
    .Parse(args).InvokeAsync();
