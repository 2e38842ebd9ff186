using Samovar.Chains;
using Samovar.Context;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>A whole context as chat messages. Those of a finished response are made once and kept as long as it is.</summary>
internal static class ChatMessages
{
    public static IEnumerable<RawJson> For(string? instructions, TurnContext context, Dialect dialect, ToolNames tools,
        CallMaker maker)
    {
        var runs = Runs(context, dialect, tools, maker);
        var lead = runs.SelectMany(run => run.Lead).ToList();
        if (instructions is not null) lead.Insert(0, instructions);
        var messages = runs.SelectMany(run => run.Messages);
        return lead.Count == 0 ? messages : messages.Prepend(System(string.Join("\n\n", lead.Where(text => text.Length > 0)), dialect));
    }

    private static List<ChatRun> Runs(TurnContext context, Dialect dialect, ToolNames tools, CallMaker maker)
    {
        var runs = new List<ChatRun>();
        var before = new ChatRun([], [], dialect.OneSystemMessage, []);
        var at = 0;
        foreach (var node in ContextItems.Nodes(context))
        {
            runs.Add(before = Seen(context.Cleared, node, at, before.Open) is { } seen
                ? Of(seen, dialect, tools, before, call => maker.Is(call, node)) : Of(node, dialect, tools, before, maker));
            at += node.Input.Count + node.Output.Count;
        }
        runs.Add(Of(CallRounds.Settle(context.Cleared.Seen(context.Input, at), before.Open, isClosed: true), dialect, tools, before,
            call => maker.Is(call, null)));
        return runs;
    }

    /// <summary>A response of which the model does not see all; null for others, which are written once.</summary>
    private static SettledItems? Seen(Clearing cleared, ChainNode node, int at, IReadOnlyList<Item> open)
    {
        var (input, output) = (cleared.Seen(node.Input, at), cleared.Seen(node.Output, at + node.Input.Count));
        return ReferenceEquals(input, node.Input) && ReferenceEquals(output, node.Output) ? null
            : ContextItems.Settled(node, input, output, open);
    }

    /// <remarks>What comes before a node never changes, and so neither whether it leads, nor which calls are open, nor who
    /// spoke last.</remarks>
    private static ChatRun Of(ChainNode node, Dialect dialect, ToolNames tools, ChatRun before, CallMaker maker)
    {
        return tools.HasClashes ? Made() : UpstreamState.Written(node, "chat/" + dialect.Name + maker.FormOf(node), Made);

        ChatRun Made() => Of(ContextItems.Settled(node, before.Open), dialect, tools, before, call => maker.Is(call, node));
    }

    private static ChatRun Of(SettledItems settled, Dialect dialect, ToolNames tools, ChatRun before, Func<Item, bool> getsBack) =>
        new ChatMessageWriter(dialect, tools, getsBack, before).Write(settled);

    private static RawJson System(string text, Dialect dialect) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, dialect.DeveloperRole ? "developer"u8 : "system"u8);
        writer.WriteString("content"u8, text);
        writer.WriteEndObject();
    });
}
