using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>The ids of a conversation's newest calls: an id that a model writes again is not one to tell calls apart by.</summary>
internal static class EarlierCalls
{
    /// <summary>These rights with the ids that are taken.</summary>
    /// <param name="rights">What may be called.</param>
    /// <param name="context">The conversation.</param>
    /// <param name="lookback">Responses that are looked through.</param>
    public static CallRights Of(CallRights rights, TurnContext context, int lookback) =>
        rights with { HasCall = id => Have(context, id, lookback) };

    private static bool Have(TurnContext context, string id, int lookback)
    {
        if (Has(context.Input, id)) return true;
        for (var node = context.Parent; node is not null && lookback-- > 0; node = node.Parent)
            if (Has(node.Output, id) || Has(node.Input, id)) return true;
        return false;
    }

    private static bool Has(IReadOnlyList<Item> items, string id)
    {
        foreach (var item in items)
            if (item is IToolCall call && string.Equals(call.CallId, id, StringComparison.Ordinal)) return true;
        return false;
    }
}
