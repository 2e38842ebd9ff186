using System.Runtime.CompilerServices;
using Samovar.Chains;

namespace Samovar.Context;

/// <summary>
/// A chain as backends see it. A response in which calls ran at the server is to them what it would be if its client had run them: several
/// responses, each continued with the outputs of its calls.
/// </summary>
/// <remarks>
/// So no backend knows of tools that run at the server, and warm equals cold as it does for any other call. Each response is looked at
/// once, however often its chain is continued; a chain without such calls is its own.
/// </remarks>
/// <param name="Node">The newest response; null for a new conversation.</param>
internal sealed record SeenChain(ChainNode? Node)
{
    private static readonly ConditionalWeakTable<ChainNode, SeenChain> Known = [];
    private static readonly SeenChain Empty = new((ChainNode?)null);

    /// <summary>Outputs that come behind the newest response, before what the next turn brings.</summary>
    public IReadOnlyList<Protocol.Items.Item> Owed { get; private init; } = [];

    /// <inheritdoc cref="RoundSplit.Lists"/>
    public ServerItemMap Lists { get; private init; }

    /// <inheritdoc cref="RoundSplit.Requests"/>
    public ServerItemMap Requests { get; private init; }

    public static SeenChain Of(ChainNode? node)
    {
        if (node is null) return Empty;
        if (!node.HasServerItems) return new(node);
        var (later, seen) = (new Stack<ChainNode>(), (SeenChain?)null);
        for (var at = node; at is not null && seen is null; at = at.Parent)
        {
            if (!at.HasServerItems) seen = new(at);
            else if (!Known.TryGetValue(at, out seen)) later.Push(at);
        }
        seen ??= Empty;
        foreach (var next in later) Known.AddOrUpdate(next, seen = seen.Then(next));
        return seen;
    }

    /// <summary>Parts what comes behind the newest response into rounds.</summary>
    /// <param name="input">Items that a client sent.</param>
    /// <param name="start">The place of the first.</param>
    public RoundSplit Split(IReadOnlyList<Protocol.Items.Item> input, int start)
    {
        var split = new RoundSplit(Owed, Lists, Requests);
        split.AddInput(input, start);
        return split;
    }

    /// <summary>The chain with one more response.</summary>
    public SeenChain Then(ChainNode next)
    {
        var split = Split(next.Input, 0);
        split.AddOutput(next.Output);
        var parent = Node;
        foreach (var (input, output) in split.Rounds)
            parent = next.RoundAs(parent, input, output);
        return new(next.SeenAs(parent, split.Input, split.Output, split.Rounds.Count == 0 ? next.Response.Usage : null))
        {
            Owed = split.Owed, Lists = split.Lists, Requests = split.Requests,
        };
    }
}
