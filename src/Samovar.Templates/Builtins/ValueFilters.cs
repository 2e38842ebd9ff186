using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters over single values: numbers, defaults, JSON.</summary>
internal static class ValueFilters
{
    public static readonly Dictionary<string, TemplateFilter> All = new(StringComparer.Ordinal)
    {
        ["default"] = Default,
        ["d"] = Default,
        ["string"] = (context, input, _) => context.Made(context.TextOf(input)),
        ["safe"] = (context, input, _) => context.Made(context.TextOf(input)),
        ["int"] = Int,
        ["float"] = Float,
        ["abs"] = Abs,
        ["round"] = Round,
        ["tojson"] = ToJson,
        ["pprint"] = PrettyPrint,
        ["attr"] = (context, input, arguments) => Attribute(context, input, arguments.RequireText(0, "name")),
    };

    /// <summary>Unlike a dot, this never reads a key.</summary>
    private static TemplateValue Attribute(RenderContext context, TemplateValue input, string name) => input is TemplateValue.Map
        ? Methods.Find(input, name) ?? (TemplateValue)new TemplateValue.Undefined(name)
        : Access.Attribute(context, input, name);

    private static TemplateValue Default(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var isMissing = input is TemplateValue.Undefined || (arguments.IsTrue(1, "boolean") && !Truth.Of(input));
        return isMissing ? arguments.Find(0, "default_value") ?? TemplateValue.Text.Empty : input;
    }

    private static TemplateValue Int(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        long? value = input switch
        {
            TemplateValue.Text text => PythonNumbers.ParseInt(text.Value, arguments.FindInt(1, "base") ?? 10)
                ?? Truncate(PythonNumbers.ParseFloat(text.Value)),
            TemplateValue.Float number => Truncate(number.Value),
            _ => Numbers.Whole(input),
        };
        return value is { } whole ? new TemplateValue.Int(whole) : arguments.Find(0, "default") ?? new TemplateValue.Int(0);
    }

    private static long? Truncate(double? value) =>
        value is { } number && Math.Abs(number) < long.MaxValue ? (long)Math.Truncate(number) : null;

    private static TemplateValue Float(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var value = input is TemplateValue.Text text ? PythonNumbers.ParseFloat(text.Value) : Numbers.Fraction(input);
        return value is { } number ? new TemplateValue.Float(number) : arguments.Find(0, "default") ?? new TemplateValue.Float(0);
    }

    private static TemplateValue Abs(RenderContext context, TemplateValue input, CallArguments arguments) => input switch
    {
        TemplateValue.Float number => new TemplateValue.Float(Math.Abs(number.Value)),
        _ when Numbers.Whole(input) is < 0 => Arithmetic.Negate(input),
        _ => Arithmetic.Plus(input),
    };

    private static TemplateValue Round(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var precision = arguments.FindInt(0, "precision") ?? 0;
        var method = arguments.FindText(1, "method") ?? "common";
        if (method is "common" && Numbers.Whole(input) is { } whole && precision >= 0)
            return new TemplateValue.Int(whole);
        var number = Numbers.Fraction(input) ??
            throw new TemplateException($"A value of type {PythonText.TypeName(input)} is not a number.");
        var scale = Math.Pow(10, precision);
        return new TemplateValue.Float(method switch
        {
            "common" when precision is >= 0 and <= 15 => Math.Round(number, precision, MidpointRounding.ToEven),
            "common" => Math.Round(number * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => throw new TemplateException("A number is rounded by 'common', 'ceil' or 'floor'."),
        });
    }

    private static TemplateValue.Text ToJson(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        arguments.Allow(4, "ensure_ascii", "indent", "separators", "sort_keys");
        var mark = context.Buffer.Length;
        new JsonText(context, arguments.Count == 0 ? JsonLayout.Plain : Layout(arguments)).Write(input);
        return context.Made(context.Buffer.Cut(mark));
    }

    private static JsonLayout Layout(CallArguments arguments)
    {
        const int IndentMax = 64;
        var indent = arguments.Find(1, "indent") switch
        {
            null or TemplateValue.None => null,
            TemplateValue.Text text => text.Value,
            TemplateValue.Int whole => new string(' ', (int)Math.Clamp(whole.Value, 0, IndentMax)),
            var other => throw new TemplateException($"The indent must be a number or a text, not {PythonText.TypeName(other)}."),
        };
        var (item, key) = arguments.Find(2, "separators") switch
        {
            null or TemplateValue.None => (indent is null ? ", " : ",", ": "),
            TemplateValue.List { Items: [TemplateValue.Text first, TemplateValue.Text second] } => (first.Value, second.Value),
            _ => throw new TemplateException("The separators must be two texts."),
        };
        return new JsonLayout(indent, item, key, arguments.IsTrue(0, "ensure_ascii"), arguments.IsTrue(3, "sort_keys"));
    }

    private static TemplateValue.Text PrettyPrint(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var mark = context.Buffer.Length;
        PythonText.WriteRepr(context, input);
        return context.Made(context.Buffer.Cut(mark));
    }
}
