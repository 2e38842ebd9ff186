using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Testing.Scripts;

/// <summary>Where a scripted turn stands when it calls <see cref="ScriptedBackend.OnPhase"/>.</summary>
public enum ScriptPhase { Begun, Accepted, ItemStarted, Speaking, Finishing }

/// <summary>A backend without a model: what it says is decided by directives in the newest user text.</summary>
public sealed class ScriptedBackend(IdSource ids) : IBackend
{
    private const int DeltaChars = 4;
    private int _turns;
    private int _stopped;

    public IReadOnlyList<BackendModel> Models { get; init; } = [new BackendModel("scripted", "samovar", 1_000_000)];

    /// <summary>Called at every phase: a test waits here, or throws what shall go wrong.</summary>
    public Func<BackendTurn, ScriptPhase, CancellationToken, ValueTask>? OnPhase { get; set; }

    /// <summary>Turns that were begun.</summary>
    public int Turns => _turns;

    /// <summary>Turns that were left before they were finished: cancelled, or failed.</summary>
    public int Stopped => _stopped;

    /// <summary>The warm state of every response that was finished.</summary>
    public ConcurrentDictionary<ResponseId, ScriptedState> States { get; } = new();

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        Interlocked.Increment(ref _turns);
        var isFinished = false;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(turnCancelled, turn.EndsEarly);
        try
        {
            await PhaseAsync(turn, ScriptPhase.Begun, turnCancelled);
            yield return new BackendEvent.Accepted(turn.Model ?? Models[0].Name);
            await PhaseAsync(turn, ScriptPhase.Accepted, ends.Token);
            var items = turn.Context.AllItems().ToList();
            var speech = new Speech(turn.Request.MaxOutputTokens ?? int.MaxValue);
            if (!turn.Request.MakesNoWords && !turn.EndsEarly.IsCancellationRequested)
            {
                foreach (var line in Lines(turn, items))
                {
                    await PhaseAsync(turn, ScriptPhase.ItemStarted, ends.Token);
                    foreach (var e in speech.Limit(line))
                    {
                        turnCancelled.ThrowIfCancellationRequested();
                        if (turn.EndsEarly.IsCancellationRequested) break;
                        yield return e;
                        if (e is BackendEvent.Delta) await PhaseAsync(turn, ScriptPhase.Speaking, ends.Token);
                    }
                    if (speech.IsCut || turn.EndsEarly.IsCancellationRequested) break;
                }
            }
            var isSteered = turn.EndsEarly.IsCancellationRequested;
            await PhaseAsync(turn, ScriptPhase.Finishing, turnCancelled);
            isFinished = true;
            yield return Finish(turn, items, speech) is var last && isSteered
                ? last with { IncompleteReason = BackendEvent.Steered } : last;
        }
        finally
        {
            if (!isFinished) Interlocked.Increment(ref _stopped);
        }
    }

    /// <summary>A turn that shall end early stands nowhere any longer.</summary>
    private async ValueTask PhaseAsync(BackendTurn turn, ScriptPhase phase, CancellationToken ends)
    {
        if (OnPhase is not { } onPhase) return;
        try { await onPhase(turn, phase, ends); }
        catch (OperationCanceledException) when (turn.EndsEarly.IsCancellationRequested) { /* it says so itself */ }
    }

    private BackendEvent.Finished Finish(BackendTurn turn, List<Item> items, Speech speech)
    {
        var input = items.Sum(item => (item.Json.Utf8.Length + 3) / 4);
        var cached = turn.ParentState is ScriptedState { IsReleased: false } state ? Math.Min(state.Tokens, input) : 0;
        var usage = new Usage(input, cached, speech.Tokens, 0);
        return new BackendEvent.Finished(usage, speech.IsCut || turn.Request.MaxOutputTokens == 0 ? "max_output_tokens" : null,
            States[turn.Id] = new ScriptedState(input + speech.Tokens));
    }

    /// <summary>The items of one response, each as the events that make it.</summary>
    private IEnumerable<IEnumerable<BackendEvent>> Lines(BackendTurn turn, List<Item> items)
    {
        var script = Script.Read(items);
        if (script.Think is { } kind) yield return Thought(kind);
        if (script.OutputsSeen >= script.Steps * script.Parallel)
        {
            yield return Text(script.Final, "final_answer");
            yield break;
        }
        var picks = Enumerable.Range(1, script.Parallel)
            .Select(i => ToolPick.Choose(turn.Tools, items, script.OutputsSeen + i, script.Out)).OfType<ToolPick>().ToList();
        if (picks.Count == 0) yield return Text("NO USABLE TOOL OFFERED", "final_answer");
        else if (script.Say is { } say) yield return Text(say, "commentary");
        foreach (var pick in picks) yield return Call(pick);
    }

    private IEnumerable<BackendEvent> Thought(string kind)
    {
        var id = ItemId.New("rs_", ids).Value;
        yield return new BackendEvent.ReasoningStarted(id);
        yield return new BackendEvent.SummaryDelta("thinking");
        if (kind != "enc") yield return new BackendEvent.Delta("secret thoughts");
        if (kind == "text")
        {
            yield return new BackendEvent.ItemDone();
            yield break;
        }
        var whole = new Dictionary<string, object>
        {
            ["id"] = id,
            ["type"] = "reasoning",
            ["summary"] = new[] { new { type = "summary_text", text = "thinking" } },
            ["encrypted_content"] = "gAAAA" + string.Concat(Enumerable.Repeat("Zx", 300)),
        };
        if (kind == "both") whole["content"] = new[] { new { type = "reasoning_text", text = "secret thoughts" } };
        yield return new BackendEvent.ItemDone(RawJson.Of(JsonSerializer.Serialize(whole)));
    }

    private static IEnumerable<BackendEvent> Text(string text, string phase)
    {
        yield return new BackendEvent.MessageStarted(Phase: phase);
        foreach (var piece in Pieces(text)) yield return new BackendEvent.Delta(piece);
        yield return new BackendEvent.ItemDone();
    }

    private IEnumerable<BackendEvent> Call(ToolPick pick)
    {
        switch (pick)
        {
            case ToolPick.Function function:
                yield return new BackendEvent.FunctionCallStarted(function.Name, Namespace: function.Namespace);
                foreach (var half in Halves(function.Arguments)) yield return new BackendEvent.Delta(half);
                yield return new BackendEvent.ItemDone();
                break;
            case ToolPick.Custom custom:
                yield return new BackendEvent.CustomCallStarted(custom.Name, Namespace: custom.Namespace);
                yield return new BackendEvent.Delta(custom.Input);
                yield return new BackendEvent.ItemDone();
                break;
            case ToolPick.Shell shell:
                var (id, callId) = (ItemId.New("sh_", ids), CallId.New(ids));
                var head = $$"""{"id":"{{id}}","type":"{{shell.Kind}}","call_id":"{{callId}}","status":"completed",""";
                yield return new BackendEvent.CarriedItem(RawJson.Of(head + shell.Json[1..]));
                break;
            default: throw new ApiException(Errors.Internal);
        }
    }

    private static IEnumerable<string> Halves(string text)
    {
        var half = (text.Length + 1) / 2;
        if (half < text.Length && char.IsLowSurrogate(text[half])) half++;
        yield return text[..half];
        if (half < text.Length) yield return text[half..];
    }

    private static IEnumerable<string> Pieces(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = Math.Min(at + DeltaChars, text.Length);
            if (end < text.Length && char.IsLowSurrogate(text[end])) end++;
            yield return text[at..end];
            at = end;
        }
    }

    /// <summary>Counts each delta as a token and cuts the turn off at its limit, leaving the item open as backends do.</summary>
    private sealed class Speech(int tokensMax)
    {
        public int Tokens { get; private set; }
        public bool IsCut { get; private set; }

        public IEnumerable<BackendEvent> Limit(IEnumerable<BackendEvent> line)
        {
            foreach (var e in line)
            {
                if (e is BackendEvent.Delta && Tokens++ >= tokensMax)
                {
                    (Tokens, IsCut) = (tokensMax, true);
                    yield break;
                }
                yield return e;
            }
        }
    }
}
