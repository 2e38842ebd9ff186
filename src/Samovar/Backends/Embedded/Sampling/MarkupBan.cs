using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Grammars.Schemas;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>Keeps a model from writing calls where nothing may be called: nobody would read them but the user.</summary>
/// <remarks>
/// Forbidden are the marks of the model's family, and, where an answer is not to be JSON, objects that begin as calls of known tools do: of
/// those that are offered, else of those that the conversation has called. Where a client that offers no tools writes a mark itself, in
/// its instructions or questions, marks are text that it asks for.
/// </remarks>
/// <param name="lookback">Responses whose calls are looked at, newest first.</param>
internal sealed class MarkupBan(ModelDialect dialect, int lookback)
{
    private const int NamesMax = 128;

    private readonly ForbiddenTexts? _marks = Texts(CallSyntaxes.Marks(dialect), dialect);
    private readonly Lock _gate = new();
    private (string Names, ForbiddenTexts? Texts) _newest = ("", null); // a conversation has the same names turn after turn

    /// <summary>Null where a call may be made, or a mark be quoted.</summary>
    public ForbiddenTexts? Of(CreateRequest request, CallRights rights, TurnContext context, bool mayQuote)
    {
        if (!rights.IsEmpty) return null;
        var known = request.Format is TextFormat.Plain && CallSyntaxes.Heads(dialect, "").Count > 0 ? Names(rights, context) : [];
        var marks = mayQuote ? [] : CallSyntaxes.Marks(dialect);
        if (known.Count == 0) return mayQuote ? null : _marks;
        var key = string.Join('\n', known.Append(mayQuote ? "?" : ""));
        lock (_gate)
            if (_newest.Names == key) return _newest.Texts;
        var texts = Texts([.. marks, .. known.SelectMany(name => CallSyntaxes.Heads(dialect, CanonicalJson.Quote(name)[1..^1]))], dialect);
        lock (_gate) _newest = (key, texts);
        return texts;
    }

    private List<string> Names(CallRights rights, TurnContext context)
    {
        var names = rights.Tools.Tools.Count > 0 ? rights.Tools.Tools.Select(tool => tool.FlatName) : Called(context);
        return [.. names.Distinct(StringComparer.Ordinal).Take(NamesMax)];
    }

    private IEnumerable<string> Called(TurnContext context)
    {
        foreach (var name in Called(context.Input)) yield return name;
        var left = lookback;
        for (var node = context.Parent; node is not null && left-- > 0; node = node.Parent)
            foreach (var name in Called(node.Output).Concat(Called(node.Input))) yield return name;
    }

    private static IEnumerable<string> Called(IReadOnlyList<Item> items) => items.OfType<IToolCall>().Select(CallNames.NameOf);

    private static ForbiddenTexts? Texts(IReadOnlyList<string> texts, ModelDialect dialect) =>
        texts.Count == 0 ? null : new ForbiddenTexts(texts, CallSyntaxes.Openings(dialect));
}
