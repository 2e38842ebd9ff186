using System.Globalization;
using System.Text;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Engine;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>Finds the item of a chain that its template writes in another way now.</summary>
/// <remarks>
/// (1) The response whose own tokens the place is in is found by the lengths of the paths. (2) What is written of it before the place
/// becomes text, and (3) its items are looked for there, one after the other: the first that is not there as a whole is the one.
/// </remarks>
internal static class RewrittenPlace
{
    private const int ExcerptTokens = 32, BeginningChars = 16;

    /// <param name="newest">The response that is compared.</param>
    /// <param name="state">What it left.</param>
    /// <param name="plan">The prompt that differs.</param>
    /// <param name="common">Tokens that both begin with.</param>
    /// <param name="tokenizer">Of the model.</param>
    public static CacheDeparture Find(ChainNode newest, EmbeddedState state, PromptPlan plan, int common, ITokenizer tokenizer)
    {
        var (node, own, start) = (newest, state, 0);
        while (node.Parent is { State: EmbeddedState before } parent && own.Path.GrewFrom(before.Path)) // :: 1
        {
            start = before.Path.Length;
            if (start <= common) break;
            (node, own, start) = (parent, before, 0);
        }
        var isOutput = common >= own.PromptTokens;
        if (isOutput) start = own.PromptTokens;
        var items = isOutput ? node.Output : start > 0 ? node.Input : [.. new Context.TurnContext(node.Parent, node.Input).AllItems()];
        var first = node.ChainItemCount - node.Output.Count - (isOutput ? 0 : items.Count);
        var text = Text(own.Path.ToArray(start).AsSpan(0, Math.Max(0, common - start)), tokenizer); // :: 2
        var (place, character) = Place(items, first, text);
        return new CacheDeparture(place, character)
        {
            ResponseId = node.Id.Value,
            Before = Shown(state.Path, common, tokenizer), Now = Shown(plan.Path, common, tokenizer),
        };
    }

    private static (string Place, int Character) Place(IReadOnlyList<Item> items, int first, string text) // :: 3
    {
        var (cursor, place, character) = (0, string.Create(CultureInfo.InvariantCulture, $"input[{first}]"), 0);
        for (var at = 0; at < items.Count; at++)
            foreach (var (field, value) in Texts(items[at]))
            {
                if (value.Length == 0) continue;
                (place, character) = (string.Create(CultureInfo.InvariantCulture, $"input[{first + at}].{field}"), value.Length);
                var found = text.IndexOf(value, cursor, StringComparison.Ordinal);
                if (found < 0) return (place, Begun(text, cursor, value));
                cursor = found + value.Length;
            }
        return (place, character);
    }

    private static int Begun(string text, int cursor, string value)
    {
        var beginning = value[..Math.Min(BeginningChars, value.Length)];
        var found = text.IndexOf(beginning, cursor, StringComparison.Ordinal);
        return found >= 0 ? text.AsSpan(found).CommonPrefixLength(value) : 0;
    }

    private static IEnumerable<(string Field, string Value)> Texts(Item item) => item switch
    {
        MessageItem message => message.Content.Select(static (part, at) => (Field("content", at, ".text"), TextOf(part))),
        ReasoningItem thought => thought.Content.Select(static (text, at) => (Field("content", at, ".text"), text)),
        FunctionCallItem call => [("arguments", call.Arguments)],
        CustomToolCallItem call => [("input", call.Input)],
        FunctionCallOutputItem output => output.Output.Select(static (part, at) => (Field("output", at, ".text"), TextOf(part))),
        CustomToolCallOutputItem output => output.Output.Select(static (part, at) => (Field("output", at, ".text"), TextOf(part))),
        _ => [],
    };

    private static string Field(string name, int at, string of) => string.Create(CultureInfo.InvariantCulture, $"{name}[{at}]{of}");

    private static string TextOf(ContentPart part) => part switch
    {
        ContentPart.Text text => text.Value,
        ContentPart.Refusal refusal => refusal.Value,
        _ => "",
    };

    private static string Shown(TokenPath path, int from, ITokenizer tokenizer)
    {
        if (from >= path.Length) return "";
        var tokens = path.ToArray(from);
        return JsonDeparture.Excerpt(Text(tokens.AsSpan(0, Math.Min(ExcerptTokens, tokens.Length)), tokenizer), 0);
    }

    private static string Text(ReadOnlySpan<int> tokens, ITokenizer tokenizer)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens) bytes.AddRange(tokenizer.Piece(token, special: true).Span);
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
