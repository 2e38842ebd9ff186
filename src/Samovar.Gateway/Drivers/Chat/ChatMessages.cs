using Samovar.Chains;
using Samovar.Context;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Items told as chat messages. The messages of a finished response are made once and kept as long as it is.</summary>
internal static class ChatMessages
{
    public static IEnumerable<RawJson> For(TurnContext context, Dialect dialect, ToolNames tools) =>
        ContextItems.Nodes(context).SelectMany(node => Of(node, dialect, tools))
            .Concat(new ChatMessageWriter(dialect, tools).Write(context.Input));

    private static IReadOnlyList<RawJson> Of(ChainNode node, Dialect dialect, ToolNames tools)
    {
        return tools.HasClashes ? Made() : UpstreamState.Told(node, "chat/" + dialect.Name, Made);

        IReadOnlyList<RawJson> Made() => new ChatMessageWriter(dialect, tools).Write(node.Input.Concat(ContextItems.Readable(node.Output)));
    }
}
