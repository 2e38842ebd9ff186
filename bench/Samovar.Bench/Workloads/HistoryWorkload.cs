using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Embedded;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Cli.Agents;
using Samovar.Protocol.Ids;
using Samovar.Templates;
using Samovar.Testing.Engines;
using Samovar.Testing.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What the server itself adds to a turn: the whole path over a WebSocket, rendering and tokenising included, with an engine that takes
/// no time. A turn behind a long history must cost what one behind a short history costs.
/// </summary>
internal sealed record HistoryWorkload(int[] HistoryBytes, int Rounds)
{
    private const int AddedBytes = 400;

    public async Task RunAsync()
    {
        var tokenizer = new FakeTokenizer([new("<|im_start|>"), new("<|im_end|>", EndsTurn: true)], end: "<|im_end|>");
        await using var engine = new InstantEngine(tokenizer, BuiltInTemplates.ChatMlSource);
        var backend = new EmbeddedBackend(
            engine, new EmbeddedOptions(), TimeProvider.System, new IdSource(), NullLogger<EmbeddedBackend>.Instance);
        var limits = new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Error" };
        await using var server = await RunningServer.StartAsync(backend, limits);
        var conversations = new List<Conversation>();
        foreach (var bytes in HistoryBytes) conversations.Add(await PrepareAsync(new Uri(server.Address, "/v1"), bytes));
        var times = conversations.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < Rounds; round++) // interleaved, so that the machine's moods fall on all alike
            for (var index = 0; index < conversations.Count; index++)
                times[index].Add((await TurnAsync(conversations[index], AddedBytes, round)).Total.TotalMicroseconds);
        var table = new Table("history bytes", "turns", "turn p50 µs", "p95 µs", "p50 / first row");
        for (var index = 0; index < conversations.Count; index++)
            table.Row(Figures.Show(HistoryBytes[index]), Figures.Show(Rounds), Figures.Show(Figures.Median(times[index])),
                Figures.Show(Figures.Percentile(times[index], 0.95)), Figures.Show(Figures.Median(times[index]) / Figures.Median(times[0]),
                    2));
        foreach (var conversation in conversations) await conversation.DisposeAsync();
    }

    // The history is grown in turns, as an agent grows it, to the size that is asked for.
    private static async Task<Conversation> PrepareAsync(Uri server, int bytes)
    {
        const int TurnBytes = 5_000;
        var conversation = new Conversation(new ConversationSettings(server, null, "default", "You help.", null, null),
            TimeProvider.System);
        for (var grown = 0; grown < bytes; grown += TurnBytes) await TurnAsync(conversation, Math.Min(TurnBytes, bytes - grown), grown);
        return conversation;
    }

    private static async Task<TurnReport> TurnAsync(Conversation conversation, int bytes, int seed)
    {
        var message = Conversation.UserMessage(Speech.OfLength(bytes, seed));
        var report = await conversation.SendAsync([message], new SilentScreen(), CancellationToken.None);
        return report.Failure is { } failure ? throw new InvalidOperationException($"A turn failed: {failure}") : report;
    }
}
