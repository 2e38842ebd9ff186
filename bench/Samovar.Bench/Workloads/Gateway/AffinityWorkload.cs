using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// Conversations over accounts whose prompt caches are not shared: the cached share of each turn's input, as the accounts report it,
/// through Samovar and by a plain rotation that sends each turn to the next account with everything said so far.
/// </summary>
internal sealed record AffinityWorkload(int Accounts, int Conversations, int Turns)
{
    private const int StartTokens = 4096, AddedTokens = 300;

    public async Task RunAsync()
    {
        Console.WriteLine($"{Conversations} conversations over {Accounts} accounts, each with its own start of {StartTokens:N0} tokens, "
            + $"then {AddedTokens} a turn; accounts cache by content in steps of {PrefixCache.BlockTokens} tokens. "
            + "Cached share of the input:");
        var turns = Enumerable.Range(1, Turns).Select(turn => $"turn {turn}");
        var table = new Table(["upstreams", "client", "affinity", .. turns, "best possible", "failures"]);
        foreach (var row in await MeasureAsync())
            table.Row([row.Kind, row.Client, row.HasAffinity ? "on" : "off", .. row.Shares.Select(Percent), Percent(Best),
                $"{row.Failures}"]);
    }

    /// <summary>What the last turn's cached share would be if all that was said before it were cached.</summary>
    private double Best => 1 - AddedTokens / (double)(StartTokens + AddedTokens * Turns);

    public async Task<IReadOnlyList<AffinityFigures>> MeasureAsync() =>
    [
        await OnAsync("responses-ws", TalkKind.Continued),
        await OnAsync("responses-ws", TalkKind.Resent),
        await OffAsync("responses-ws", TalkKind.Resent),
        await OnAsync("chat", TalkKind.Continued),
        await OnAsync("chat", TalkKind.Chat),
        await OffAsync("chat", TalkKind.Chat),
    ];

    private async Task<AffinityFigures> OnAsync(string kind, TalkKind talk)
    {
        var accounts = await PlainUpstream.StartAsync(Accounts);
        await using var samovar = await GatewayServer.StartAsync(kind, accounts.Select(account => account.BaseUrl));
        var talks = new List<ITalk>();
        for (var seed = 0; seed < Conversations; seed++) talks.Add(await BeginAsync(talk, _ => samovar.BaseUrl, seed));
        var figures = await RunAsync(new AffinityFigures(kind, NameOf(talk), HasAffinity: true, new double[Turns]), talks);
        foreach (var account in accounts) await account.DisposeAsync();
        return figures;
    }

    /// <summary>Without anything between: each conversation's turns go to the accounts in turn.</summary>
    private async Task<AffinityFigures> OffAsync(string kind, TalkKind talk)
    {
        var accounts = await PlainUpstream.StartAsync(Accounts);
        var talks = new List<ITalk>();
        for (var seed = 0; seed < Conversations; seed++)
        {
            var first = seed;
            talks.Add(await BeginAsync(talk, turn => accounts[(first + turn) % accounts.Length].BaseUrl, seed));
        }
        var figures = await RunAsync(new AffinityFigures(kind, NameOf(talk), HasAffinity: false, new double[Turns]), talks);
        foreach (var account in accounts) await account.DisposeAsync();
        return figures;
    }

    private static async Task<ITalk> BeginAsync(TalkKind kind, Func<int, Uri> serverOf, int seed)
    {
        var start = Speech.OfLength(StartTokens * PrefixCache.BytesPerToken, seed);
        return kind switch
        {
            TalkKind.Continued => await ContinuedTalk.OpenAsync(serverOf(0), start),
            TalkKind.Resent => new ResentTalk(serverOf, start),
            _ => new ChatTalk(serverOf, start),
        };
    }

    private async Task<AffinityFigures> RunAsync(AffinityFigures figures, List<ITalk> talks)
    {
        var failures = 0;
        for (var turn = 0; turn < Turns; turn++)
        {
            var (input, cached) = (0L, 0L);
            for (var seed = 0; seed < talks.Count; seed++)
            {
                var text = Speech.OfLength(AddedTokens * PrefixCache.BytesPerToken, 1000 * (seed + 1) + turn);
                if (await talks[seed].SayAsync(text) is not { } said) failures++;
                else (input, cached) = (input + said.Input, cached + said.Cached);
            }
            figures.Shares[turn] = input == 0 ? 0 : cached / (double)input;
        }
        foreach (var talk in talks) await talk.DisposeAsync();
        return figures with { Failures = failures };
    }

    private static string NameOf(TalkKind kind) => kind switch
    {
        TalkKind.Continued => "WebSocket, new items",
        TalkKind.Resent => "HTTP, whole history",
        _ => "Chat Completions, whole history",
    };

    private static string Percent(double share) => Figures.Show(100 * share, 1) + " %";
}

/// <summary>One row: how the upstreams and the client speak, and the cached share of each turn over all conversations.</summary>
internal sealed record AffinityFigures(string Kind, string Client, bool HasAffinity, double[] Shares, int Failures = 0);
