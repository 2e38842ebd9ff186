using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Compaction;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Compaction;

/// <summary>Says "ok", or what the test wants it to where it is asked for a summary; remembers what it saw.</summary>
internal sealed class NotingBackend : IBackend
{
    public const string GoodSummary =
        "The task is to count the apples in basket.txt. The basket was read with cat and has seven apples; the pears come next.";

    public IReadOnlyList<BackendModel> Models { get; init; } = [new("noting", "samovar", null)];

    /// <summary>Items of each turn that was to be answered.</summary>
    public List<IReadOnlyList<Item>> Seen { get; } = [];
    public List<BackendTurn> Asked { get; } = [];
    public string Summary { get; set; } = GoodSummary;
    public Func<CancellationToken, Task>? OnSummary { get; set; }
    public bool Calls { get; set; }
    public bool IsCut { get; set; }
    public Exception? Refuses { get; set; }
    public int Tokens { get; set; } = 100;

    public bool CountsHere => true;
    public ValueTask<int?> CountInputAsync(BackendTurn turn, CancellationToken caller) => new(Tokens);

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        await Task.Yield();
        if (SealedHistory.Param(turn.Context, static _ => false) is { } param) throw new ApiException(Errors.CannotOpen, "noting", param);
        var items = turn.Context.AllItems().ToList();
        var isSummary = items[^1] is MessageItem message && ItemText.Of(message) == SummaryRequest.Question;
        if (isSummary)
        {
            Asked.Add(turn);
            if (Refuses is { } refusal) throw refusal;
        }
        else
        {
            Seen.Add(items);
        }
        yield return new BackendEvent.Accepted("noting");
        if (isSummary && OnSummary is { } wait) await wait(turnCancelled);
        if (isSummary && Calls)
        {
            yield return new BackendEvent.FunctionCallStarted("exec");
            yield return new BackendEvent.Delta("{}");
        }
        else
        {
            yield return new BackendEvent.MessageStarted();
            yield return new BackendEvent.Delta(isSummary ? Summary : "ok");
        }
        if (!isSummary || !IsCut) yield return new BackendEvent.ItemDone();
        yield return new BackendEvent.Finished(new Usage(50, 40, 5, 0), isSummary && IsCut ? "max_output_tokens" : null);
    }
}
