using System.Text.Json;
using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// Many live conversations on accounts that share no state, turns interleaved: does any fail, does any have to send its whole context a
/// second time and why, how many upstream sockets does that hold and what does it weigh.
/// </summary>
/// <param name="PerAccount">Live conversations of each account.</param>
/// <param name="InFlight">Turns at once.</param>
internal sealed record AccountsWorkload(int[] PerAccount, int Accounts, int Turns, int InFlight, Wire[] Wires)
{
    private static readonly TimeSpan LogMax = TimeSpan.FromMinutes(1);

    public async Task RunAsync()
    {
        Console.WriteLine($"{Accounts} accounts (responses-ws), {Turns} turns of each conversation, {InFlight} in flight, order shuffled. "
            + "'live' is managed memory after a full collection, 'resident' the process before it; both less what 1 conversation took.");
        var table = new Table("per account", "client", "turns", "failures", "retries", "upstream sockets", "opened", "sent whole again",
            "reasons", "unknown upstream", "resident MB", "live MB", "live KB each");
        foreach (var wire in Wires)
            foreach (var count in PerAccount) Show(table, await MeasureAsync(count, wire));
    }

    public async Task<AccountsFigures> MeasureAsync(int perAccount, Wire wire)
    {
        var accounts = await PlainUpstream.StartAsync(Accounts);
        await using var samovar = await GatewayServer.StartAsync(
            "responses-ws", accounts.Select(account => account.BaseUrl), logsRequests: true);
        var warm = await TurnClient.OpenAsync(wire, samovar.BaseUrl);
        await new Dialogue(warm, stores: wire != Wire.WebSocket).TurnAsync(TurnAsk.User("hello"));
        var (resident, live) = (samovar.ResidentBytes(), await samovar.LiveBytesAsync());

        var clients = await OpenAsync(samovar.BaseUrl, wire, perAccount * Accounts);
        var failures = await TalkAsync(clients, wire);
        var records = await samovar.RecordsAsync(clients.Length * Turns + 1, LogMax);
        var (residentAfter, counts) = (samovar.ResidentBytes(), await Task.WhenAll(accounts.Select(account => account.CountsAsync())));
        var figures = new AccountsFigures(perAccount, wire, clients.Length, Turns, failures, counts, records)
        {
            ResidentBytes = residentAfter - resident,
            LiveBytes = await samovar.LiveBytesAsync() - live,
        };
        foreach (var client in clients) await client.DisposeAsync();
        await warm.DisposeAsync();
        foreach (var account in accounts) await account.DisposeAsync();
        return figures;
    }

    private async Task<TurnClient[]> OpenAsync(Uri server, Wire wire, int count)
    {
        var clients = new TurnClient[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = InFlight },
            async (index, _) => clients[index] = await TurnClient.OpenAsync(wire, server));
        return clients;
    }

    private async Task<int> TalkAsync(TurnClient[] clients, Wire wire)
    {
        var (random, failures) = (new Random(Seed: 7), 0);
        var dialogues = clients.Select(client => new Dialogue(client, stores: wire != Wire.WebSocket, "You help.")).ToArray();
        for (var turn = 0; turn < Turns; turn++)
        {
            random.Shuffle(dialogues);
            var seed = turn;
            await Parallel.ForEachAsync(dialogues, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (dialogue, _) =>
            {
                var figures = await dialogue.TurnAsync(TurnAsk.User(Speech.OfLength(400, seed)));
                if (figures.Error is not null) Interlocked.Increment(ref failures);
            });
        }
        return failures;
    }

    private static void Show(Table table, AccountsFigures figures) => table.Row(
        Figures.Show(figures.PerAccount), $"{figures.Wire}", Figures.Show(figures.Conversations * figures.Turns), $"{figures.Failures}",
        Figures.Show(figures.Retries), Figures.Show(figures.Sockets), Figures.Show(figures.SocketsOpened), Figures.Show(figures.WholeAgain),
        figures.Reasons.Count == 0 ? "–" : string.Join(", ", figures.Reasons.Select(reason => $"{reason.Key} {reason.Value}")),
        Figures.Show(figures.UnknownParents), Figures.Show(figures.ResidentBytes / 1e6, 1), Figures.Show(figures.LiveBytes / 1e6, 1),
        Figures.Show(figures.LiveBytes / 1024.0 / figures.Conversations, 1));
}

/// <summary>What one number of conversations cost.</summary>
/// <param name="Counts">As the accounts counted.</param>
/// <param name="Records">Samovar's own record of each request.</param>
internal sealed record AccountsFigures(
    int PerAccount, Wire Wire, int Conversations, int Turns, int Failures, StubCounts[] Counts, IReadOnlyList<JsonElement> Records)
{
    public long ResidentBytes { get; init; }
    public long LiveBytes { get; init; }
    public long Sockets => Counts.Sum(count => count.Sockets);
    public long SocketsOpened => Counts.Sum(count => count.SocketsOpened);
    public long UnknownParents => Counts.Sum(count => count.UnknownParents);
    public int Retries => Records.Sum(record => record.GetProperty("retries").GetInt32());

    /// <summary>Whole contexts beyond the first turn's, which has nothing else to send; the warm-up's is one of those.</summary>
    public long WholeAgain => Counts.Sum(count => count.Wholes) - Conversations - 1;

    /// <summary>Why, as the requests' records say.</summary>
    public IReadOnlyDictionary<string, int> Reasons => Records
        .Where(record => record.TryGetProperty("miss", out _)).CountBy(record => record.GetProperty("miss").GetString()!).ToDictionary();
}
