using Samovar.Backends.Upstream.Bodies;
using Samovar.Backends.Upstream.Destinations;
using Samovar.Backends.Upstream.Tools;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Upstream.Chat;

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
