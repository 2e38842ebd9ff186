using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>What a turn's context means for its messages.</summary>
internal static class ContextMessages
{
    private const int TextEndChars = 64;

    /// <summary>The whole conversation from its cut on; returns how many items were left out.</summary>
    public static int AddAll(MessageBuilder builder, TurnContext context, int cut)
    {
        Item[] items = [.. context.AllItems()];
        var (lead, dropped, before) = (OldestItems.Lead(items), 0, items.Length - context.Input.Count);
        var ends = Ends(context);
        for (var at = 0; at < items.Length; at++)
        {
            if (ends.Contains(before - at)) builder.EndAnswer();
            if (!OldestItems.Stays(items, at, lead, cut)) dropped++;
            else if (context.Cleared.Seen(items[at], at) is not { } seen) continue;
            else if (at < before) builder.Add(seen, null);
            else AddInput(builder, context, at - before, seen);
        }
        return dropped;
    }

    /// <summary>Where answers of the chain end: the items of the chain that come behind each.</summary>
    private static HashSet<int> Ends(TurnContext context)
    {
        var (ends, behind) = (new HashSet<int>(), 0);
        for (var node = context.Parent; node is not null; node = node.Parent)
        {
            if (!node.Response.Request.MakesNoWords) ends.Add(behind);
            behind += node.Input.Count + node.Output.Count;
        }
        return ends;
    }

    /// <summary>Where an item is in the request; null where it is not what was sent.</summary>
    public static string? Param(TurnContext context, int at) => context.IsOpened ? null : context.ParamOf(at);

    /// <summary>Why a template does not render a turn: most take no output of a call that nobody made.</summary>
    public static ApiException Refused(TurnContext context, TemplateException refusal)
    {
        Item[] items = [.. context.AllItems()];
        var called = items.OfType<IToolCall>().Select(call => call.CallId).ToHashSet(StringComparer.Ordinal);
        var before = items.Length - context.Input.Count;
        for (var at = before; at < items.Length; at++)
            if (items[at] is IToolOutput { CallId: { } id } && !called.Contains(id) && Param(context, at - before) is { } param)
                return new ApiException(Errors.ConversationRefused,
                    $"no call before this output has its call_id; send the call, too. It says: {refusal.Reason}", param + ".call_id",
                    cause: refusal);
        return new ApiException(Errors.ConversationRefused, refusal.Reason, "input", cause: refusal);
    }

    /// <summary>One of the turn's own items.</summary>
    /// <param name="builder">Makes messages of them.</param>
    /// <param name="context">The turn's.</param>
    /// <param name="at">Its place in the input.</param>
    /// <param name="seen">As the model sees it.</param>
    public static void AddInput(MessageBuilder builder, TurnContext context, int at, Item seen)
    {
        try { builder.Add(seen, Param(context, at)); }
        catch (ApiException error) when (context.PlaceOf(at) < 0) { throw error.At(context.ParentParam); } // no item of the request
    }

    /// <summary>Whether the new items go on with the assistant's own message: then what was said is not a message of its own.</summary>
    public static bool BeginsWithAssistant(IReadOnlyList<Item> input) => input.Count > 0 && IsOfAssistant(input[0]);

    /// <summary>Whether the assistant said it.</summary>
    public static bool IsOfAssistant(Item item) => item is IToolCall or ReasoningItem or MessageItem { Role: Role.Assistant };

    /// <summary>Whether an assistant message behind the newest question carries reasoning.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="before">Whether one before them does.</param>
    public static bool ReasoningSinceUser(IReadOnlyList<PromptMessage> messages, bool before)
    {
        foreach (var message in messages)
            before = message.Role != PromptRole.User && (before || message.Reasoning.Length > 0);
        return before;
    }

    /// <summary>The last characters of a text.</summary>
    public static string End(string text) => text.Length <= TextEndChars ? text : text[^TextEndChars..];
}
