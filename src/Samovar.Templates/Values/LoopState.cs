namespace Samovar.Templates.Values;

/// <summary>What a template reads as <c>loop</c>.</summary>
internal sealed class LoopState(IReadOnlyList<TemplateValue> items, int depth)
{
    private TemplateValue? _seen;

    public int Index { get; set; }

    /// <param name="again">Runs the loop over other items, where it is recursive.</param>
    public TemplateFunction AsValue(Func<RenderContext, CallArguments, TemplateValue>? again) => new("loop", again ?? Refuse)
    {
        Find = Find,
        Length = items.Count,
        Printed = () => $"<LoopContext {Index + 1}/{items.Count}>",
    };

    private static TemplateValue Refuse(RenderContext context, CallArguments arguments) =>
        throw new TemplateException("Only a loop that is marked as recursive can be called.");

    private TemplateValue? Find(string name) => name switch
    {
        "index" => new TemplateValue.Int(Index + 1),
        "index0" => new TemplateValue.Int(Index),
        "revindex" => new TemplateValue.Int(items.Count - Index),
        "revindex0" => new TemplateValue.Int(items.Count - Index - 1),
        "first" => TemplateValue.Bool.Of(Index == 0),
        "last" => TemplateValue.Bool.Of(Index == items.Count - 1),
        "length" => new TemplateValue.Int(items.Count),
        "depth" => new TemplateValue.Int(depth + 1),
        "depth0" => new TemplateValue.Int(depth),
        "previtem" => Index > 0 ? items[Index - 1] : new TemplateValue.Undefined("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new TemplateValue.Undefined("there is no next item"),
        "cycle" => new TemplateFunction("cycle", Cycle),
        "changed" => new TemplateFunction("changed", Changed),
        _ => null,
    };

    private TemplateValue Cycle(RenderContext context, CallArguments arguments)
    {
        arguments.Allow(int.MaxValue);
        return arguments.Positional.Length > 0
            ? arguments.Positional[Index % arguments.Positional.Length]
            : throw new TemplateException("There are no items to cycle through.");
    }

    private TemplateValue.Bool Changed(RenderContext context, CallArguments arguments)
    {
        arguments.Allow(int.MaxValue);
        var now = TemplateValue.List.Tuple(arguments.Positional);
        var changed = _seen is null || !ValueOrder.AreEqual(context.Meter, _seen, now);
        _seen = now;
        return TemplateValue.Bool.Of(changed);
    }
}
