using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Embedded;
using Samovar.Bench.Reports;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Testing.Core;
using Samovar.Testing.Engines;

namespace Samovar.Bench.Workloads.Certificates;

/// <summary>
/// A turn of calls with long outputs, an answer, and the next question, with small templates that have the constructs of real ones: how
/// many
/// of the turns were rendered from what is new, and how many tokens the next question computes: when it comes at once, when the user has
/// read
/// for a while, and where the template's own switch keeps earlier thoughts. Characters are tokens here, and the engine takes no time.
/// </summary>
internal sealed record CertificatesWorkload(int CallsOfTurn, int OutputChars)
{
    private const int ReadMsMax = 500;
    private const int LookMs = 10;

    public async Task RunAsync()
    {
        var table = new Table("template", "turns by suffix", "new tokens a turn", "history", "next question: at once", "read a while",
            "thoughts kept", "why");
        foreach (var family in TemplateFamilies.All)
        {
            var plain = await PlayAsync(family, new EmbeddedOptions { PrepareNext = false });
            var read = await PlayAsync(family, new EmbeddedOptions { PrepareAfter = TimeSpan.Zero });
            var kept = await PlayAsync(family, new EmbeddedOptions { PrepareNext = false, KeepThoughts = true });
            table.Row(family.Name, $"{plain.BySuffix}/{CallsOfTurn + 1}", Figures.Show(plain.NewTokens), Figures.Show(plain.History),
                Figures.Show(plain.Question), Figures.Show(read.Question),
                kept.Switch is { } found ? $"{Figures.Show(kept.Question)} ({found})" : "-", plain.Why ?? "-");
        }
    }

    private async Task<Played> PlayAsync(TemplateFamily family, EmbeddedOptions options)
    {
        var tokenizer = family.Tokenizer();
        await using var engine = new FakeEngine(tokenizer, family.Template);
        await using var backend = new EmbeddedBackend(
            engine, options, TimeProvider.System, new IdSource(), NullLogger<EmbeddedBackend>.Instance);
        if (backend.Model.TemplateUse.Fault is { } fault) throw new InvalidOperationException($"{family.Name}: {fault}");
        using var house = new CoreHouse(backends: _ => [backend]);
        SeenEvents? seen = null;
        for (var call = 0; call <= CallsOfTurn; call++)
        {
            var isLast = call == CallsOfTurn;
            var arguments = string.Create(CultureInfo.InvariantCulture, $"{{\"at\": {call}}}");
            var thought = family.Thought($"thought {call} " + new string('t', 60));
            Says(engine, family, thought + (isLast ? family.Answer("It is done.") : family.Call(arguments)), !isLast);
            seen = await TurnAsync(house, seen, seen is null ? Ask.User("go through all of it") : Ask.Output(seen.CallId, Words(call)));
        }
        var usage = seen!.Last.GetProperty("usage");
        var history = usage.GetProperty("total_tokens").GetInt32();
        var bySuffix = backend.Model.Planner.Counts.Incremental;
        if (options.PrepareNext) await ReadAsync(engine);
        Says(engine, family, family.Answer("Well."), isCall: false);
        var question = await TurnAsync(house, seen, Ask.User("and what of the last one?"));
        return new Played(bySuffix, (history - OutputChars) / (CallsOfTurn + 1), history, Computed(question),
            house.Requests.Records[^1].MissCause, options.KeepThoughts ? backend.Model.ThoughtSwitch?.ToString() : null);
    }

    private static void Says(FakeEngine engine, TemplateFamily family, string text, bool isCall)
    {
        engine.Says = _ => text;
        engine.EndsWith = isCall && family.CallEnd is { } end ? end : family.Marks[0];
    }

    /// <summary>As long as a preparation may take to be done; many an answer has none.</summary>
    private static async Task ReadAsync(FakeEngine engine)
    {
        for (var waited = 0; waited < ReadMsMax; waited += LookMs)
        {
            await Task.Delay(LookMs);
            lock (engine.Turns)
                if (engine.Turns.Exists(static turn => turn.IsBackground)) return;
        }
    }

    private string Words(int call) =>
        string.Concat(Enumerable.Range(0, OutputChars / 7 + 1).Select(at => $"w{call % 10}.{at % 1000:000} "))[..OutputChars];

    private static async Task<SeenEvents> TurnAsync(CoreHouse house, SeenEvents? before, Item input)
    {
        var request = (Ask.For(input) with { Instructions = "You look at things, one after the other.", Tools = Ask.ToolsOf("look") })
            .SayingStore(true).After(before?.Id);
        var turn = house.Begin(request, TenantId.Local, CancellationToken.None);
        var seen = await SeenEvents.ReadAsync(await turn.Began, CancellationToken.None);
        await turn.Ended;
        return seen.Status == "completed" ? seen : throw new InvalidOperationException(seen.Last.GetRawText());
    }

    private static int Computed(SeenEvents seen)
    {
        var usage = seen.Last.GetProperty("usage");
        return usage.GetProperty("input_tokens").GetInt32()
            - usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();
    }

    private sealed record Played(long BySuffix, int NewTokens, int History, int Question, string? Why, string? Switch);
}
