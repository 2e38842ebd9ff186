using System.CommandLine;
using Samovar.Bench.Workloads;
using Samovar.Bench.Workloads.Certificates;
using Samovar.Bench.Workloads.Gateway;
using Samovar.Testing.Models;

namespace Samovar.Bench.Commands;

/// <summary>Workloads of the server with its embedded engine.</summary>
internal static class EngineCommands
{
    internal static readonly Option<string?> Model = new("--model")
    {
        Description = "GGUF to measure; default: a random model of 100M parameters, Q8_0.",
    };

    public static IEnumerable<Command> All() =>
        [
            Sessions(), Depth(), Idle(), History(), Floods(), Repeat(), Gaps(), Tokenize(), Grammars(), Compaction(), Steer(), Tracing(),
            Certificates(), Drafting(), DraftFloor(), Models(), Learning(),
            .. FairnessCommands.All(),
        ];

    private static Command Sessions()
    {
        var sessions = Numbers("--sessions", "How many sessions take turns.", 1, 4, 8, 16);
        var turns = new Option<int>("--turns") { Description = "Turns of each session.", DefaultValueFactory = _ => 12 };
        var peer = new Option<string?>("--peer") { Description = "A llama-server program to give the same work to; default: none." };
        var command = new Command("sessions", "Sessions with a shared start of 4k tokens that take turns.")
            { sessions, turns, Model, peer };
        command.SetAction((parsed, _) => new SessionsWorkload(ModelOf(parsed, RandomModelSize.M100), parsed.GetValue(sessions)!,
            parsed.GetValue(turns), 4096, 300, 40, parsed.GetValue(peer)).RunAsync());
        return command;
    }

    private static Command Depth()
    {
        var depths = Numbers("--depths", "Tokens of context.", 1024, 4096, 8192, 16_384);
        var runs = new Option<int>("--runs") { Description = "Warm turns at each depth; the median counts.", DefaultValueFactory = _ => 5 };
        var command = new Command("depth", "A +200-token turn, warm and cold, against bare libllama.") { depths, runs, Model };
        command.SetAction((parsed, _) => new DepthWorkload(
            ModelOf(parsed, RandomModelSize.M100), parsed.GetValue(depths)!, 200, parsed.GetValue(runs)).RunAsync());
        return command;
    }

    private static Command Idle()
    {
        var sockets = new Option<int>("--sockets") { Description = "Open and silent sockets.", DefaultValueFactory = _ => 10_000 };
        var upstream = new Option<bool>("--upstream") { Description = "Each has had one turn through an upstream socket of its own." };
        var kept = new Option<int>("--kept") { Description = "Upstream sockets that may wait.", DefaultValueFactory = _ => 10_000 };
        var command = new Command("idle", "Memory of idle sockets.") { sockets, upstream, kept, Model };
        command.SetAction((parsed, _) => parsed.GetValue(upstream)
            ? new UpstreamIdleWorkload(parsed.GetValue(sockets), parsed.GetValue(kept)).RunAsync()
            : new IdleWorkload(ModelOf(parsed, RandomModelSize.Tiny), parsed.GetValue(sockets)).RunAsync());
        return command;
    }

    private static Command History()
    {
        var history = Numbers("--history", "Bytes of history behind the turn.", 10_000, 1_000_000);
        var rounds = new Option<int>("--rounds") { Description = "Measured turns behind each history.", DefaultValueFactory = _ => 500 };
        var command = new Command("history", "What the server adds to a turn besides the engine.") { history, rounds };
        command.SetAction((parsed, _) => new HistoryWorkload(parsed.GetValue(history)!, parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Compaction()
    {
        var rounds = Numbers("--rounds", "Calls with results that the conversation has.", 5, 10, 20);
        var bytes = new Option<int>("--bytes") { Description = "Bytes of each result.", DefaultValueFactory = _ => 600 };
        var command = new Command("compaction", "What a compaction costs, and what the turn behind it computes.") { rounds, bytes, Model };
        command.SetAction((parsed, _) => new CompactionWorkload(
            ModelOf(parsed, RandomModelSize.M15), parsed.GetValue(rounds)!, parsed.GetValue(bytes)).RunAsync());
        return command;
    }

    private static Command Floods()
    {
        var turns = new Option<int>("--turns") { Description = "Turns of the quiet tenant in each flood.", DefaultValueFactory = _ => 20 };
        var other = new Option<string?>("--other") { Description = "Another build's Samovar.Cli.dll to measure as well." };
        var command = new Command("floods", "A quiet tenant's first token beside floods of another's turns.") { turns, other, Model };
        command.SetAction((parsed, _) => new FloodsWorkload(ModelOf(parsed, RandomModelSize.M15),
            parsed.GetValue(other) is { } path ? ["Samovar.Cli.dll", Path.GetFullPath(path)] : ["Samovar.Cli.dll"],
            parsed.GetValue(turns)).RunAsync());
        return command;
    }

    private static Command Repeat()
    {
        var threads = Numbers("--threads", "Threads of a decode.", 1, Environment.ProcessorCount);
        var requests = new Option<int>("--requests") { Description = "Equal requests.", DefaultValueFactory = _ => 24 };
        var prompt = new Option<int>("--prompt") { Description = "Tokens of the prompt.", DefaultValueFactory = _ => 700 };
        var command = new Command("repeat", "Equal requests at temperature 0: how many different answers, for how much time.")
            { threads, requests, prompt, Model };
        command.SetAction((parsed, _) => new RepeatWorkload(ModelOf(parsed, RandomModelSize.M15), parsed.GetValue(threads)!,
            parsed.GetValue(requests), parsed.GetValue(prompt), 40).RunAsync());
        return command;
    }

    private static Command Models()
    {
        var files = new Option<string[]>("--model")
        {
            Description = "GGUF files; default: random models of 1M, 15M and 100M parameters, Q8_0.", AllowMultipleArgumentsPerToken = true,
        };
        var rounds = new Option<int>("--rounds") { Description = "Times that each model is asked.", DefaultValueFactory = _ => 3 };
        var command = new Command("models", "Several models in one server: what a load takes, and a turn whose model was unloaded.")
            { files, rounds };
        command.SetAction((parsed, _) => new ModelsWorkload(
            parsed.GetValue(files) is { Length: > 0 } given ? given
                : [.. new[] { RandomModelSize.Tiny, RandomModelSize.M15, RandomModelSize.M100 }.Select(RandomModelOf)],
            parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Learning()
    {
        var folder = new Option<string?>("--folder") { Description = "Files that end with .jinja; default: a small one of each family." };
        var rounds = new Option<int>("--rounds") { Description = "Times that each is learned.", DefaultValueFactory = _ => 5 };
        var command = new Command("learning", "What a load takes to learn a chat template and its model's dialect.") { folder, rounds };
        command.SetAction((parsed, _) => new LearningWorkload(
            Path.Combine(Root, "test", "Samovar.Tests", "Backends", "Embedded", "dialects", "families.json"),
            parsed.GetValue(folder), parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Gaps()
    {
        var prompts = Numbers("--prompts", "Tokens of the prompts beside it; 0 is none.", 0, 1000, 3800, 8000);
        var runs = new Option<int>("--runs") { Description = "Prompts of each length.", DefaultValueFactory = _ => 5 };
        var threads = new Option<int>("--threads") { Description = "Threads of a decode; 0 takes all cores." };
        var command = new Command("gaps", "Time between a turn's tokens while others' prompts are computed.")
            { prompts, runs, threads, Model };
        command.SetAction((parsed, _) => new GapsWorkload(ModelOf(parsed, RandomModelSize.M100), parsed.GetValue(prompts)!,
            parsed.GetValue(runs), parsed.GetValue(threads)).RunAsync());
        return command;
    }

    private static Command Certificates()
    {
        var calls = new Option<int>("--calls") { Description = "Calls of the turn before the question.", DefaultValueFactory = _ => 10 };
        var output = new Option<int>("--output") { Description = "Tokens of each call's output.", DefaultValueFactory = _ => 1700 };
        var command = new Command("certificates", "What the next question computes behind a turn of calls, by the template's construct.")
            { calls, output };
        command.SetAction((parsed, _) => new CertificatesWorkload(parsed.GetValue(calls), parsed.GetValue(output)).RunAsync());
        return command;
    }

    private static Command Tokenize()
    {
        var messages = Numbers("--messages", "Messages of the conversation.", 1000, 8000, 64_000);
        var uncut = new Option<int>("--uncut") { Description = "Most messages for libllama alone.", DefaultValueFactory = _ => 8000 };
        var command = new Command("tokenize", "Time to tokenise a conversation, cut at its special tokens or not.")
            { messages, uncut, Model };
        command.SetAction((parsed, _) => new TokenizeWorkload(
            ModelOf(parsed, RandomModelSize.Tiny), parsed.GetValue(messages)!, parsed.GetValue(uncut)).RunAsync());
        return command;
    }

    private static Command Tracing()
    {
        var outputs = Numbers("--outputs", "Tokens that the turns say.", 10, 100, 1000, 5000);
        var rounds = new Option<int>("--rounds")
        {
            Description = "Pairs of stretches, without and with; the medians count.", DefaultValueFactory = _ => 301,
        };
        var tokens = new Option<int>("--tokens") { Description = "Tokens of a stretch, about.", DefaultValueFactory = _ => 2000 };
        var model = new Option<string?>("--model") { Description = "A model file to serve turns with as well; default: none." };
        var command = new Command("tracing", "What noting where a turn's time goes adds to it.") { outputs, rounds, tokens, model };
        command.SetAction((parsed, _) => new TracingWorkload(
            parsed.GetValue(outputs)!, parsed.GetValue(rounds), parsed.GetValue(tokens), parsed.GetValue(model)).RunAsync());
        return command;
    }

    private static Command Grammars()
    {
        var tokens = new Option<int>("--tokens") { Description = "Tokens under each grammar.", DefaultValueFactory = _ => 200 };
        var limit = new Option<int>("--seconds") { Description = "A turn is cancelled after this.", DefaultValueFactory = _ => 30 };
        var command = new Command("grammars", "What ordinary and hostile grammars cost their own turn and the one beside it.")
            { tokens, limit, Model };
        command.SetAction((parsed, _) => new GrammarsWorkload(ModelOf(parsed, RandomModelSize.M100), parsed.GetValue(tokens),
            TimeSpan.FromSeconds(parsed.GetValue(limit))).RunAsync());
        return command;
    }

    private static Command Drafting()
    {
        var rounds = new Option<int>("--rounds") { Description = "With and without; the medians count.", DefaultValueFactory = _ => 7 };
        var tasks = new Option<int>("--tasks") { Description = "Pocket's tasks in a round; 0: none.", DefaultValueFactory = _ => 12 };
        var tokens = new Option<int>("--tokens") { Description = "Tokens of the other answers.", DefaultValueFactory = _ => 256 };
        var command = new Command("drafting", "Tokens a second with drafts and without.") { rounds, tasks, tokens };
        command.SetAction((parsed, _) => new DraftingWorkload(Path.Combine(Root, "artifacts", "models"),
            Path.Combine(Root, "models", "pocket", "pocket.gguf"), parsed.GetValue(rounds), parsed.GetValue(tasks),
            parsed.GetValue(tokens)).RunAsync());
        return command;
    }

    private static Command DraftFloor()
    {
        var depths = Numbers("--depths", "Tokens in front.", 64, 425, 1024);
        var runs = new Option<int>("--runs") { Description = "Of each batch; the least counts.", DefaultValueFactory = _ => 20 };
        var lone = new Option<int>("--lone-threads") { Description = "Threads of a lone token.", DefaultValueFactory = _ => 1 };
        var command = new Command("draft-floor", "What drafts could bring at most: libllama alone, all of them right.")
            { depths, runs, lone, Model };
        command.SetAction((parsed, _) =>
        {
            new DraftFloorWorkload(parsed.GetValue(Model) ?? Path.Combine(Root, "models", "pocket", "pocket.gguf"), parsed.GetValue(lone),
                parsed.GetValue(depths)!, parsed.GetValue(runs)).Run();
            return Task.CompletedTask;
        });
        return command;
    }

    private static Command Steer()
    {
        var depths = Numbers("--depths", "Characters of the question.", 1024, 4096);
        var said = new Option<int>("--said") { Description = "Pieces of the answer that came before.", DefaultValueFactory = _ => 16 };
        var runs = new Option<int>("--runs") { Description = "Answers at each depth; the median counts.", DefaultValueFactory = _ => 5 };
        var command = new Command("steer", "From a user's words in the middle of an answer to the first token that knows of them.")
            { depths, said, runs, Model };
        command.SetAction((parsed, _) => new SteerWorkload(ModelOf(parsed, RandomModelSize.M15), parsed.GetValue(depths)!,
            parsed.GetValue(said), parsed.GetValue(runs)).RunAsync());
        return command;
    }

    internal static Option<int[]> Numbers(string name, string description, params int[] otherwise) => new(name)
    {
        Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => otherwise,
    };

    internal static string ModelOf(ParseResult parsed, RandomModelSize size) => parsed.GetValue(Model) ?? RandomModelOf(size);

    internal static string RandomModelOf(RandomModelSize size) => RandomModel.Ensure(Path.Combine(Root, "artifacts", "models"), size);

    private static string Root => Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".";
}
