namespace Samovar.Templates.Values;

/// <summary>What a template reads as <c>loop</c>.</summary>
internal sealed class LoopState(IReadOnlyList<TemplateValue> items)
{
    private TemplateValue? _seen;

    public int Index { get; set; }

    public TemplateValue? Find(string name) => name switch
    {
        "index" => new TemplateValue.Int(Index + 1),
        "index0" => new TemplateValue.Int(Index),
        "revindex" => new TemplateValue.Int(items.Count - Index),
        "revindex0" => new TemplateValue.Int(items.Count - Index - 1),
        "first" => TemplateValue.Bool.Of(Index == 0),
        "last" => TemplateValue.Bool.Of(Index == items.Count - 1),
        "length" => new TemplateValue.Int(items.Count),
        "depth" => new TemplateValue.Int(1), // counts recursion, which this subset has not
        "depth0" => new TemplateValue.Int(0),
        "previtem" => Index > 0 ? items[Index - 1] : new TemplateValue.Undefined("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new TemplateValue.Undefined("there is no next item"),
        "cycle" => new TemplateValue.Callable("cycle", Cycle),
        "changed" => new TemplateValue.Callable("changed", Changed),
        _ => null,
    };

    private TemplateValue Cycle(RenderContext context, CallArguments arguments) => arguments.Positional.Length > 0
        ? arguments.Positional[Index % arguments.Positional.Length]
        : throw new TemplateException("There are no items to cycle through.");

    private TemplateValue.Bool Changed(RenderContext context, CallArguments arguments)
    {
        var now = TemplateValue.List.Tuple(arguments.Positional);
        var changed = _seen is null || !ValueOrder.AreEqual(context.Meter, _seen, now);
        _seen = now;
        return TemplateValue.Bool.Of(changed);
    }
}
