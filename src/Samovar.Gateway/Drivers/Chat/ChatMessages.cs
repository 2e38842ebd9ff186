using Samovar.Chains;
using Samovar.Context;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>A whole context as chat messages. Those of a finished response are made once and kept as long as it is.</summary>
internal static class ChatMessages
{
    public static IEnumerable<RawJson> For(string? instructions, TurnContext context, Dialect dialect, ToolNames tools)
    {
        var runs = Runs(context, dialect, tools);
        var lead = runs.SelectMany(run => run.Lead).ToList();
        if (instructions is not null) lead.Insert(0, instructions);
        var messages = runs.SelectMany(run => run.Messages);
        return lead.Count == 0 ? messages : messages.Prepend(System(string.Join("\n\n", lead.Where(text => text.Length > 0)), dialect));
    }

    private static List<ChatRun> Runs(TurnContext context, Dialect dialect, ToolNames tools)
    {
        var runs = new List<ChatRun>();
        var isLeading = dialect.OneSystemMessage;
        foreach (var node in ContextItems.Nodes(context))
        {
            runs.Add(Of(node, dialect, tools, isLeading));
            isLeading = runs[^1].IsLeading;
        }
        runs.Add(new ChatMessageWriter(dialect, tools, isLeading).Write(context.Input));
        return runs;
    }

    /// <remarks>What comes before a node never changes, and so never whether it leads.</remarks>
    private static ChatRun Of(ChainNode node, Dialect dialect, ToolNames tools, bool isLeading)
    {
        return tools.HasClashes ? Made() : UpstreamState.Written(node, "chat/" + dialect.Name, Made);

        ChatRun Made() =>
            new ChatMessageWriter(dialect, tools, isLeading).Write(node.Input.Concat(ContextItems.Readable(node.Output)));
    }

    private static RawJson System(string text, Dialect dialect) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, dialect.DeveloperRole ? "developer"u8 : "system"u8);
        writer.WriteString("content"u8, text);
        writer.WriteEndObject();
    });
}
