using System.Runtime.CompilerServices;
using Samovar.Backends.Upstream.Bodies;
using Samovar.Backends.Upstream.Destinations;
using Samovar.Backends.Upstream.Tools;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Upstream.Chat;

/// <summary>Items told as chat messages. The messages of a finished response are made once and kept as long as it is.</summary>
internal sealed class ChatMessages
{
    private readonly ConditionalWeakTable<ChainNode, Dictionary<string, IReadOnlyList<RawJson>>> _kept = [];

    public IEnumerable<RawJson> For(TurnContext context, Dialect dialect, ToolNames tools) =>
        ContextItems.Nodes(context).SelectMany(node => Of(node, dialect, tools))
            .Concat(new ChatMessageWriter(dialect, tools).Write(context.Input));

    private IReadOnlyList<RawJson> Of(ChainNode node, Dialect dialect, ToolNames tools)
    {
        if (tools.HasClashes) return Made();
        var kept = _kept.GetOrCreateValue(node);
        lock (kept)
        {
            if (!kept.TryGetValue(dialect.Name, out var messages)) kept.Add(dialect.Name, messages = Made());
            return messages;
        }

        IReadOnlyList<RawJson> Made() => new ChatMessageWriter(dialect, tools).Write(node.Input.Concat(ContextItems.Readable(node.Output)));
    }
}
