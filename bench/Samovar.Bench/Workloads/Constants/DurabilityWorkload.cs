using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Samples;
using Samovar.Bench.Servers;
using Samovar.Bench.Transport;
using Samovar.Bench.Workloads.Stores;

namespace Samovar.Bench.Workloads.Constants;

/// <summary>
/// Whether a conversation goes on after its server was restarted, and after it was killed: three turns, the end of the server, a new
/// connection and one turn more that sends what each kind of client has.
/// </summary>
internal static class DurabilityWorkload
{
    private const int Turns = 3, OutputMax = 16;
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(1);

    private static readonly TransportKind[] Kinds =
        [TransportKind.HttpWhole, TransportKind.HttpStored, TransportKind.Socket, TransportKind.SocketStored];

    public static IReadOnlyList<string> RestartNames { get; } = [.. Kinds.Select(kind => ConstantNames.AfterRestart(kind.Name))];
    public static IReadOnlyList<string> KillNames { get; } = [.. Kinds.Select(kind => ConstantNames.AfterKill(kind.Name))];

    public static async Task<IReadOnlyList<MeasuredValue>> RestartsAsync(int rounds)
    {
        using var folder = new ScratchFolder(null);
        var settings = StoreHost.Sqlite(folder.Path);
        return await MeasureAsync(rounds, ConstantNames.AfterRestart, "the server ended as asked; responses in a SQLite file",
            async () =>
            {
                var host = await StoreHost.StartAsync(settings);
                return (host.Server.Address, host.DisposeAsync);
            });
    }

    /// <param name="model">A small one: it is started again and again.</param>
    public static async Task<IReadOnlyList<MeasuredValue>> KillsAsync(string model, int rounds)
    {
        using var folder = new ScratchFolder(null);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ServerProcess.Store] = "sqlite", ["SAMOVAR_Server__DataPath"] = folder.Path,
        };
        return await MeasureAsync(rounds, ConstantNames.AfterKill, "the server's process was killed; responses in a SQLite file",
            async () =>
            {
                var server = await ServerProcess.StartAsync(["Samovar.Cli.dll"],
                    ["--model", model, "--ctx", "8192", "--streams", "4", "--log-level", "Error", "--device", "cpu"],
                    environment, StartMax);
                return (server.BaseUrl, server.DisposeAsync); // which kills
            });
    }

    private static async Task<IReadOnlyList<MeasuredValue>> MeasureAsync(
        int rounds, Func<string, string> name, string conditions, Func<Task<(Uri Address, Func<ValueTask> End)>> start)
    {
        var wentOn = Kinds.ToDictionary(kind => kind, _ => new List<double>());
        var (address, end) = await start();
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                var talks = new List<Talk>();
                foreach (var kind in Kinds) talks.Add(await Talk.HoldAsync(kind, address));
                await end();
                end = () => ValueTask.CompletedTask;
                (address, end) = await start();
                foreach (var talk in talks) wentOn[talk.Kind].Add(await talk.GoesOnAsync(address) ? 1 : 0);
            }
        }
        finally
        {
            await end();
        }
        return [.. wentOn.Select(kind => new MeasuredValue(name(kind.Key.Name), "of one", kind.Value, conditions))];
    }

    /// <summary>A conversation that has ended its third turn, as its client remembers it.</summary>
    private sealed record Talk(TransportKind Kind, IReadOnlyList<string> Said, string? Last)
    {
        public static async Task<Talk> HoldAsync(TransportKind kind, Uri address)
        {
            var talk = new Talk(kind, [], null);
            await using var client = await OpenAsync(kind, address);
            for (var turn = 1; turn <= Turns; turn++)
            {
                var (figures, said) = await talk.TurnAsync(client, $"question {turn}");
                if (figures.Error is { } error) throw new InvalidOperationException($"A turn over {kind.Name} failed: {error}");
                talk = talk with { Said = said, Last = figures.ResponseId };
            }
            return talk;
        }

        public async Task<bool> GoesOnAsync(Uri address)
        {
            await using var client = await OpenAsync(Kind, address);
            return (await TurnAsync(client, "go on")).Figures.Error is null;
        }

        private async Task<(TurnFigures Figures, IReadOnlyList<string> Said)> TurnAsync(TurnClient client, string text)
        {
            var news = AgentWords.Message("user", text);
            var figures = await client.TurnAsync(new TurnAsk("[" + (Kind.SendsAll ? string.Join(',', Said.Append(news)) : news) + "]")
            {
                Previous = Kind.SendsAll ? null : Last, Stores = Kind.Stores, OutputMax = OutputMax,
            });
            return (figures, [.. Said, news, .. figures.Output]);
        }

        private static Task<TurnClient> OpenAsync(TransportKind kind, Uri address) =>
            TurnClient.OpenAsync(kind.IsSocket ? Wire.WebSocket : Wire.Sse, address);
    }
}
