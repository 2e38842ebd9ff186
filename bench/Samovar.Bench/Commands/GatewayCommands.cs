using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Samovar.Bench.Clients;
using Samovar.Bench.Servers;
using Samovar.Bench.Stub;
using Samovar.Bench.Workloads.Cases;
using Samovar.Bench.Workloads.Gateway;

namespace Samovar.Bench.Commands;

/// <summary>Workloads of the server in front of upstreams, and the processes that stand around it.</summary>
internal static class GatewayCommands
{
    private static readonly Option<string?> Stub = new("--stub")
    {
        Description = "Folder of the Node stub (stub.mjs). [shared/clients/stub beside the repository]", HelpName = "DIR",
    };

    public static IEnumerable<Command> All() =>
        [Affinity(), Accounts(), Latency(), Delta(), Relay(), PoolFloods(), Unread(), Soak(), Page(), Cases(), .. Processes()];

    private static Command Cases()
    {
        var folder = new Option<string>("--cases")
        {
            Description = "Folder of cases; run.py and pools.json stand above it.", HelpName = "DIR", Required = true,
        };
        var only = new Option<string?>("--only") { Description = "A part of the names of the cases to play.", HelpName = "TEXT" };
        var all = new Option<bool>("--all") { Description = "Prints what came of every case, not only of those that are wrong." };
        var model = new Option<string?>("--model") { Description = "The GGUF file of the embedded engine. [models/pocket/pocket.gguf]",
            HelpName = "PATH" };
        var command = new Command("cases", "Plays cases of how upstreams and clients really behave, and counts those that come out right.")
            { folder, only, all, model };
        command.SetAction((parsed, _) => new CasesWorkload(parsed.GetValue(folder)!, parsed.GetValue(model) ?? Path.Combine(
            Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".", "models", "pocket", "pocket.gguf"), parsed.GetValue(only),
            parsed.GetValue(all)).RunAsync());
        return command;
    }

    private static Command Affinity()
    {
        var accounts = Number("--accounts", "Upstream accounts, each with a prompt cache of its own.", 4);
        var conversations = Number("--conversations", "Conversations, turns interleaved.", 20);
        var turns = Number("--turns", "Turns of each conversation.", 4);
        var command = new Command("affinity", "Cached share of each turn over several accounts, with affinity and by rotation.")
            { accounts, conversations, turns };
        command.SetAction((parsed, _) => new AffinityWorkload(
            parsed.GetValue(accounts), parsed.GetValue(conversations), parsed.GetValue(turns)).RunAsync());
        return command;
    }

    private static Command Accounts()
    {
        var perAccount = new Option<int[]>("--conversations")
        {
            Description = "Live conversations of each account.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [9, 100, 1000],
        };
        var accounts = Number("--accounts", "Upstream accounts that share no state.", 2);
        var turns = Number("--turns", "Turns of each conversation.", 4);
        var inFlight = Number("--in-flight", "Turns at once.", 32);
        var command = new Command("accounts", "Many live conversations on accounts that share no state: failures, resends, memory.")
            { perAccount, accounts, turns, inFlight };
        command.SetAction((parsed, _) => new AccountsWorkload(parsed.GetValue(perAccount)!, parsed.GetValue(accounts),
            parsed.GetValue(turns), parsed.GetValue(inFlight), [Wire.WebSocket, Wire.Sse]).RunAsync());
        return command;
    }

    private static Command Latency()
    {
        var turns = Number("--turns", "Sequential turns of each target.", 6000);
        var inFlight = Number("--in-flight", "Conversations that take turns at once.", 32);
        var rounds = Number("--rounds", "Phases with many in flight.", 11);
        var wires = new Option<Wire[]>("--clients")
        {
            Description = "How clients speak.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [Wire.WebSocket, Wire.Sse, Wire.Json],
        };
        var phase = Number("--phase-turns", "Turns of each conversation in a phase.", 100);
        var isPlain = new Option<bool>("--kestrel-only") { Description = "Leaves the Node stub out." };
        var other = new Option<string?>("--other") { Description = "Another build's Samovar.Bench.dll, whose server is measured beside." };
        var command = new Command("latency", "What Samovar adds to a turn, against bare stubs and a relay that looks at nothing.")
            { turns, inFlight, rounds, phase, wires, isPlain, other, Stub };
        command.SetAction(async (parsed, _) => await new LatencyWorkload(
            parsed.GetValue(isPlain) ? null : await NodeStub.FindAsync(parsed.GetValue(Stub)), parsed.GetValue(wires)!,
            parsed.GetValue(turns), parsed.GetValue(inFlight), parsed.GetValue(rounds))
        {
            PhaseTurns = parsed.GetValue(phase),
            Other = parsed.GetValue(other) is { } path ? Path.GetFullPath(path) : null,
        }.RunAsync());
        return command;
    }

    private static Command Delta()
    {
        var turns = Number("--turns", "Turns of the session.", 50);
        var command = new Command("delta", "Bytes of a long session from its client and to the upstream.") { turns, Stub };
        command.SetAction(async (parsed, _) =>
            await new DeltaWorkload(await NodeStub.FindAsync(parsed.GetValue(Stub)), parsed.GetValue(turns)).RunAsync());
        return command;
    }

    private static Command Relay()
    {
        var deltas = Number("--deltas", "Deltas of each answer.", 2000);
        var rounds = Number("--rounds", "Measurements; the median counts.", 5);
        var command = new Command("relay", "Processor time of each relayed event.") { deltas, rounds };
        command.SetAction((parsed, _) => new RelayWorkload(parsed.GetValue(deltas), parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Unread()
    {
        var clients = Number("--clients", "Clients of each kind that never read.", 40);
        var megabytes = Number("--answer", "Megabytes of each answer.", 64);
        var seconds = Number("--wait", "Seconds before the server is weighed.", 15);
        var command = new Command("unread", "What clients that ask and never read make the server hold.") { clients, megabytes, seconds };
        command.SetAction((parsed, _) => new UnreadWorkload(parsed.GetValue(clients), parsed.GetValue(megabytes) * 1_000_000,
            TimeSpan.FromSeconds(parsed.GetValue(seconds))).RunAsync());
        return command;
    }

    private static Command Soak()
    {
        var conversations = Number("--conversations", "Conversations of each kind of client in a round.", 50);
        var turns = Number("--turns", "Turns of each conversation.", 20);
        var rounds = Number("--rounds", "Rounds.", 10);
        var command = new Command("soak", "What is alive after many conversations of every kind of client, and what is counted of it.")
            { conversations, turns, rounds };
        command.SetAction((parsed, _) => new SoakWorkload(
            parsed.GetValue(conversations), parsed.GetValue(turns), parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Page()
    {
        var sessions = Number("--sessions", "Sockets that are open and have a chain.", 1000);
        var watchers = new Option<int[]>("--watchers")
        {
            Description = "Pages that are open in each measurement.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [0, 1, 5],
        };
        var turns = Number("--turns", "Turns a second of all of them.", 20);
        var seconds = Number("--seconds", "Length of a measurement.", 10);
        var rounds = Number("--rounds", "Measurements of each kind.", 3);
        var command = new Command("page", "What open pages cost their server beside live sessions.")
            { sessions, watchers, turns, seconds, rounds };
        command.SetAction((parsed, _) => new PageWorkload(parsed.GetValue(sessions), parsed.GetValue(watchers)!, parsed.GetValue(turns),
            TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command PoolFloods()
    {
        var turns = Number("--turns", "Turns of the quiet tenant in each measurement.", 100);
        var flood = Number("--flood", "Turns that the flooding tenant keeps going at the pool.", 300);
        var dead = Number("--dead", "Turns that the flooding tenant begins at an upstream that never answers.", 1100);
        var command = new Command("pool-floods", "A quiet tenant's turns beside another's flood: refusals, time to the first event.")
            { turns, flood, dead };
        command.SetAction((parsed, _) => new PoolFloodsWorkload(
            parsed.GetValue(turns), parsed.GetValue(flood), parsed.GetValue(dead)).RunAsync());
        return command;
    }

    /// <summary>What workloads start beside themselves.</summary>
    private static IEnumerable<Command> Processes()
    {
        var stub = new Command("stub", "The bench's own upstream.") { Hidden = true };
        var (decode, prefill) = (new Option<double>("--decode"), new Option<double>("--prefill"));
        stub.Add(decode);
        stub.Add(prefill);
        var port = new Option<int>("--port");
        stub.Add(port);
        var replicas = new ReplicaOptions();
        foreach (var option in replicas.All) stub.Add(option);
        stub.SetAction((parsed, _) => StubHost.RunAsync(
            new StubSpeed(parsed.GetValue(decode), parsed.GetValue(prefill)), replicas.Of(parsed)[0], parsed.GetValue(port)));
        return [stub, Hop()];
    }

    /// <summary>Listens at an address of TCP or at a socket file, and connects to one or the other.</summary>
    private static Command Hop()
    {
        var listen = new Option<string>("--listen") { DefaultValueFactory = _ => "127.0.0.1" };
        var to = new Option<int>("--to");
        var (at, via) = (new Option<string?>("--at"), new Option<string?>("--via"));
        var hop = new Command("hop", "A TCP relay that looks at nothing.") { listen, to, at, via };
        hop.Hidden = true;
        hop.SetAction((parsed, _) => TcpHop.RunAsync(
            parsed.GetValue(at) is { } near ? new UnixDomainSocketEndPoint(near)
                : new IPEndPoint(IPAddress.Parse(parsed.GetValue(listen)!), 0),
            parsed.GetValue(via) is { } far ? new UnixDomainSocketEndPoint(far)
                : new IPEndPoint(IPAddress.Loopback, parsed.GetValue(to))));
        return hop;
    }

    private static Option<int> Number(string name, string description, int otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };
}
