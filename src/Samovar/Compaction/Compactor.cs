using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Tracing;

namespace Samovar.Compaction;

/// <summary>Runs turns that compact their conversation, before or instead of an answer; all others go to the backend as they are.</summary>
/// <remarks>
/// (1) An upstream that compacts itself is asked to, unless what comes of it is to be shown: only the upstream could read that. (2) Else
/// the conversation is cut into what stays and what becomes notes. (3) The notes are the model's own summary where it can be used, and else
/// taken from the conversation: a compaction never fails for lack of a summary. (4) The window is sealed and reported as one item. (5)
/// Where an answer was asked for, it is generated behind the window.
/// </remarks>
internal sealed partial class Compactor(
    CompactionSeals seals, CompactionOptions options, IdSource ids, TimeProvider time, ILogger<Compactor> logger)
{
    private static readonly RawJson Progress = RawJson.Of("""{"item_id":"","output_index":0}"""); // which item it is, the fold knows

    public IAsyncEnumerable<BackendEvent> RunAsync(IBackend backend, BackendTurn turn, CancellationToken turnCancelled) =>
        turn.Request switch
        {
            { Compacts: true } => CompactAsync(backend, turn, turnCancelled),
            { Compaction: not null, MakesNoWords: false, ContinuesAnswer: false } => ManageAsync(backend, turn, turnCancelled),
            _ => backend.RunAsync(turn, turnCancelled),
        };

    private async IAsyncEnumerable<BackendEvent> CompactAsync(
        IBackend backend, BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        var (isAccepted, spent) = (false, Usage.Zero);
        backend.RequireOpen(turn);
        if (turn.Request.Summary is null && backend.CompactsItself(turn)) // :: 1
        {
            await using var passed = new PassedOn(backend, turn, turnCancelled);
            if (await passed.AcceptedAsync() is { } taken)
            {
                isAccepted = true;
                yield return taken;
                await passed.ReadAsync();
            }
            if (passed.Finished is { } finished)
            {
                turn.Report.Compaction = "upstream";
                yield return new BackendEvent.CarriedItem(passed.Item);
                yield return finished;
                yield break;
            }
            if (passed.IsUnknown) backend.NoteNotCompacting(turn);
            spent = passed.Spent;
        }
        var begun = time.GetTimestamp();
        var plan = Plan(backend, turn, isAnswered: false); // :: 2
        await using var summary = Summary(backend, turn, plan, turnCancelled);
        var accepted = summary is null ? null : await summary.AcceptedAsync();
        if (!isAccepted) yield return accepted ?? new BackendEvent.Accepted(NameOf(backend, turn));
        var id = ItemId.New("cmp_", ids).Value;
        foreach (var e in Begun(id)) yield return e;
        var window = await WindowAsync(backend, turn, plan, summary); // :: 3
        var shown = turn.Request.Summary is null ? null : Shown(backend, turn, window);
        yield return Done(id, turn, window, begun, shown); // :: 4
        yield return new BackendEvent.Finished((summary?.Usage ?? Usage.Zero).Plus(spent));
    }

    private async IAsyncEnumerable<BackendEvent> ManageAsync(
        IBackend backend, BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        if (backend.CompactsItself(turn))
        {
            await using var events = backend.RunAsync(turn, turnCancelled).GetAsyncEnumerator(turnCancelled);
            if (await PassedOn.TakesRuleAsync(events))
            {
                do yield return events.Current;
                while (await events.MoveNextAsync());
                yield break;
            }
            backend.NoteNotCompacting(turn);
        }
        if (await PlanLargeAsync(backend, turn, turnCancelled) is not { } plan)
        {
            turn = turn with { Request = turn.Request with { Compaction = null } }; // what is asked for is done here
            await foreach (var e in backend.RunAsync(turn, turnCancelled)) yield return e;
            yield break;
        }
        backend.RequireOpen(turn);
        var begun = time.GetTimestamp();
        await using var summary = Summary(backend, turn, plan, turnCancelled);
        var accepted = (summary is null ? null : await summary.AcceptedAsync()) ?? new BackendEvent.Accepted(NameOf(backend, turn));
        yield return accepted;
        var id = ItemId.New("cmp_", ids).Value;
        foreach (var e in Begun(id)) yield return e;
        var window = await WindowAsync(backend, turn, plan, summary);
        yield return Done(id, turn, window, begun);
        var before = summary?.Usage ?? Usage.Zero;
        await foreach (var e in backend.RunAsync(Behind(turn, window), turnCancelled)) // :: 5
        {
            if (e is BackendEvent.Accepted) continue;
            yield return e is BackendEvent.Finished { Usage: { } usage } finished ? finished with { Usage = usage.Plus(before) } : e;
        }
    }

    private static BackendTurn Behind(BackendTurn turn, Window window) => turn with
    {
        Context = new TurnContext(null, [.. window.Items]) { IsOpened = true },
        KeepsSettings = false,
        Request = turn.Request with { Compaction = null },
    };

    /// <summary>
    /// The parts of a conversation that is larger than its request wants it; null where it is not, or cannot become smaller.
    /// </summary>
    private async ValueTask<HistoryCut?> PlanLargeAsync(IBackend backend, BackendTurn turn, CancellationToken turnCancelled)
    {
        var full = ContextOf(backend, turn) * options.ThresholdShare;
        var threshold = turn.Request.Compaction!.Threshold ?? (int)(full ?? options.ThresholdDefault);
        var tokens = (backend.CountsHere ? await backend.CountInputAsync(turn, turnCancelled) : null) ?? TokenEstimate.Of(turn);
        if (tokens < threshold) return null;
        var plan = Plan(backend, turn, isAnswered: true);
        var gone = plan.Older.Where(static item => Window.NotesOf(item) is null).ToList();
        if (gone.Count == 0) return null;
        var isWorth = !turn.Context.IsBehindCompaction || tokens >= full || TokenEstimate.ShareOf(turn, gone) >= options.GainShareMin;
        return isWorth ? plan : null; // else it would be compacted at each turn where what is kept is above the threshold
    }

    private HistoryCut Plan(IBackend backend, BackendTurn turn, bool isAnswered) =>
        HistoryCut.Of([.. turn.Context.AllItems()], CompactionBudget.Of(options, ContextOf(backend, turn)), isAnswered);

    private SummaryRun? Summary(IBackend backend, BackendTurn turn, HistoryCut plan, CancellationToken turnCancelled)
    {
        if (!options.Summarizes || plan.Older.Count == 0) return null;
        var tokensMax = CompactionBudget.Of(options, ContextOf(backend, turn)).SummaryTokens;
        var asking = SummaryRequest.Of(turn, ResponseId.New(ids), tokensMax);
        return new SummaryRun(backend, asking, options.SummaryTimeMax, time, turnCancelled);
    }

    private async ValueTask<Window> WindowAsync(IBackend backend, BackendTurn turn, HistoryCut plan, SummaryRun? summary)
    {
        if (plan.Older.Count == 0) return new Window(plan.Kept, null, plan.Recent, Window.Whole);
        var fault = "off";
        if (summary is not null)
        {
            if (summary.Fault is null) await summary.ReadAsync();
            await summary.DisposeAsync();
            Take(summary.Report, turn.Report);
            fault = summary.Fault ?? SummaryCheck.Fault(
                summary.Text, [.. plan.Kept, .. plan.Older], turn.Request.Summary?.Instructions is null ? SummaryRequest.Question : null,
                NamesOf(turn.Tools.Tools));
            if (fault is null) return new Window(plan.Kept, summary.Text.Trim(), plan.Recent, Window.ByModel);
        }
        var notes = ExtractedNotes.Of(plan.Older, CompactionBudget.Of(options, ContextOf(backend, turn)).Notes);
        return new Window(plan.Kept, notes, plan.Recent, $"{Window.Extracted}:{fault}");
    }

    /// <summary>The window in plain words, for whoever cannot open its seal.</summary>
    private string Shown(IBackend backend, BackendTurn turn, Window window) => window.Notes
        ?? ExtractedNotes.Of([.. window.Items], CompactionBudget.Of(options, ContextOf(backend, turn)).Notes);

    private BackendEvent.ItemDone Done(string id, BackendTurn turn, Window window, long begun, string? shown = null)
    {
        turn.Report.Compaction = window.Method;
        var (ended, before) = (time.GetTimestamp(), TokenEstimate.Of(turn.Context.AllItems()));
        turn.Report.CompactionCost = new CompactionCost(time.GetElapsedTime(begun, ended), before, TokenEstimate.Of(window.Items));
        turn.Times?.Add(TraceStage.Compact, begun, ended, before, window.Method);
        Log.Compacted(logger, turn.Id, window.Method, window.Kept.Count, window.Recent.Count, window.Notes?.Length ?? 0);
        return new BackendEvent.ItemDone(CompactionJson(id, seals.Seal(turn.Tenant, window), shown));
    }

    private static IEnumerable<BackendEvent> Begun(string id) =>
    [
        new BackendEvent.CarriedStarted(id, CompactionJson(id, "")),
        new BackendEvent.CarriedEvent("response.compaction.compacting", Progress),
    ];

    private static RawJson CompactionJson(string id, string content, string? shown = null) =>
        new(JsonBuffer.Bytes((id, content, shown), static (writer, item) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, item.id);
        writer.WriteString("type"u8, "compaction"u8);
        writer.WriteString("encrypted_content"u8, item.content);
        if (item.shown is not null) writer.WriteString("summary"u8, item.shown);
        writer.WriteEndObject();
    }));

    private static IEnumerable<string> NamesOf(IEnumerable<Tool> tools) => tools.SelectMany(static tool => tool switch
    {
        Tool.Function function => [function.Name],
        Tool.Custom custom => [custom.Name],
        Tool.Namespace group => NamesOf(group.Tools),
        _ => (IEnumerable<string>)[],
    });

    private static void Take(BackendReport from, BackendReport to)
    {
        to.Destination ??= from.Destination;
        to.Affinity ??= from.Affinity;
        to.MissCause ??= from.MissCause;
        to.BytesToUpstream += from.BytesToUpstream;
        to.BytesBack += from.BytesBack;
        to.Retries += from.Retries;
        foreach (var fault in from.Faults) to.Faults.Add(fault);
        to.Queued ??= from.Queued;
        to.Spent = from.Spent;
    }

    private static string NameOf(IBackend backend, BackendTurn turn) => ModelOf(backend, turn)?.Name ?? turn.Model ?? "";

    private static int? ContextOf(IBackend backend, BackendTurn turn) => ModelOf(backend, turn)?.ContextTokens;

    private static BackendModel? ModelOf(IBackend backend, BackendTurn turn) =>
        backend.Models.FirstOrDefault(model => string.Equals(model.Name, turn.Model, StringComparison.Ordinal));

    private static partial class Log
    {
        [LoggerMessage(2100, LogLevel.Information,
            "The conversation of {ResponseId} was compacted ({Method}): {Kept} items kept, {Recent} recent, notes of {NotesChars} letters")]
        public static partial void Compacted(
            ILogger logger, ResponseId responseId, string method, int kept, int recent, int notesChars);
    }
}
