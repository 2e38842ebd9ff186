using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Context;

/// <summary>What a request's edits clear where nobody here can count the model's tokens: by bytes, and so the counts are about.</summary>
internal static class EstimatedClearing
{
    private const int BytesOfToken = 4;

    /// <param name="context">The turn's.</param>
    /// <param name="edits">The request's.</param>
    /// <param name="startBytes">Of what stands before the items: instructions, tools.</param>
    public static (TurnContext Context, IReadOnlyList<AppliedEdit> Applied) Of(
        TurnContext context, IReadOnlyList<ContextEdit> edits, long startBytes)
    {
        var chosen = ClearingChoice.Of(context, edits);
        if (chosen.Count == 0) return (context, []);
        Item[] items = [.. context.AllItems()];
        var tokens = (int)Math.Min(int.MaxValue, (startBytes + items.Sum(static item => (long)item.Json.Utf8.Length)) / BytesOfToken);
        var applied = new List<AppliedEdit>();
        foreach (var (edit, clearing, count) in chosen)
        {
            var won = clearing.Places.Sum(at => Won(items[at]));
            if (!edit.IsDue(tokens) || !edit.IsWorth(won)) continue;
            applied.Add(new AppliedEdit(edit, count, won));
            (context, tokens) = (context with { Cleared = context.Cleared.With(clearing) }, tokens - won);
        }
        return (context, applied);
    }

    private static int Won(Item item) =>
        Math.Max(0, (item.Json.Utf8.Length - (item is IToolOutput ? Clearing.Note.Length : 0)) / BytesOfToken);
}
