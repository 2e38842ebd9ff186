namespace Samovar.Context;

/// <summary>A turn's context as backends see it.</summary>
/// <param name="Before">The chain that it continues.</param>
/// <param name="Split">Its input in rounds; null where nothing in the conversation ran at the server.</param>
/// <param name="Context">What the backend is given: the client's own context where nothing ran.</param>
internal sealed record SeenContext(SeenChain Before, RoundSplit? Split, TurnContext Context)
{
    public static SeenContext Of(TurnContext context)
    {
        var before = SeenChain.Of(context.Parent);
        if (context.Parent?.HasServerItems != true && !Protocol.Items.ServerItems.AreIn(context.Input)) return new(before, null, context);
        var split = before.Split(context.Input, context.InputStart);
        return new(before, split, Ahead(context, before, split));
    }

    /// <summary>The context with what a split has made of its input.</summary>
    public static TurnContext Ahead(TurnContext context, SeenChain before, RoundSplit split) =>
        context with { Parent = before.Node, Input = split.Input, Places = split.Places };
}
