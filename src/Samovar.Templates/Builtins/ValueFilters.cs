using System.Numerics;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters over single values: numbers, defaults, JSON.</summary>
internal static class ValueFilters
{
    public static readonly Dictionary<string, TemplateFilter> All = new(StringComparer.Ordinal)
    {
        ["default"] = Default,
        ["d"] = Default,
        ["string"] = (context, input, _) => input is TemplateValue.Text ? input : context.Made(context.TextOf(input)),
        ["int"] = Int,
        ["float"] = Float,
        ["abs"] = Abs,
        ["round"] = Round,
        ["filesizeformat"] = (context, input, arguments) => context.Made(FileSize.Of(AsNumber(input), arguments.IsTrue(0, "binary"))),
        ["tojson"] = ToJson,
        ["pprint"] = (context, input, _) => context.Made(PrettyText.Of(context, input)),
        ["attr"] = (context, input, arguments) => Attribute(context, input, context.TextOf(arguments.Require(0, "name"))),
    };

    /// <summary>Unlike a dot, this never reads a key.</summary>
    private static TemplateValue Attribute(RenderContext context, TemplateValue input, string name) =>
        Methods.Find(input, name) ?? Access.Own(input, name) ?? new TemplateValue.Undefined(name);

    private static TemplateValue Default(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var isMissing = input is TemplateValue.Undefined || (arguments.IsTrue(1, "boolean") && !Truth.Of(input));
        return isMissing ? arguments.Find(0, "default_value") ?? TemplateValue.Text.Empty : input;
    }

    private static TemplateValue Int(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var value = input switch
        {
            TemplateValue.Text text => PythonNumbers.ParseInt(text.Value, arguments.RequireInt(1, "base", 10))
                ?? (PythonNumbers.ParseFloat(text.Value) is { } number && double.IsFinite(number) ? Truncated(number) : null),
            TemplateValue.Undefined undefined => throw undefined.Fault(),
            _ => Numbers.Whole(input) ?? Truncated((input as TemplateValue.Float)?.Value),
        };
        return value is { } whole ? TemplateValue.Int.Of(whole) : arguments.Find(0, "default") ?? new TemplateValue.Int(0);
    }

    private static BigInteger? Truncated(double? value) => value switch
    {
        null or double.NaN => null,
        { } number when double.IsInfinity(number) => throw new TemplateException("Infinity is not a whole number."),
        { } number => new BigInteger(number),
    };

    private static TemplateValue Float(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var value = input switch
        {
            TemplateValue.Text text => PythonNumbers.ParseFloat(text.Value),
            TemplateValue.Undefined undefined => throw undefined.Fault(),
            _ => Numbers.Fraction(input),
        };
        return value is { } number ? new TemplateValue.Float(number) : arguments.Find(0, "default") ?? new TemplateValue.Float(0);
    }

    private static TemplateValue Abs(RenderContext context, TemplateValue input, CallArguments arguments) => input switch
    {
        _ when Numbers.Whole(input) is { Sign: < 0 } => Arithmetic.Negate(input),
        TemplateValue.Float number when !Numbers.IsInteger(input) => new TemplateValue.Float(Math.Abs(number.Value)),
        _ => Arithmetic.Plus(input),
    };

    private static TemplateValue Round(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        const int PrecisionMax = 5000;
        var isGiven = arguments.Find(0, "precision") is not TemplateValue.None;
        var precision = isGiven ? Math.Clamp(arguments.RequireInt(0, "precision", 0), -PrecisionMax, PrecisionMax) : 0;
        var method = arguments.Find(1, "method") is null ? "common" : arguments.FindText(1, "method");
        if (method is not ("common" or "ceil" or "floor"))
            throw new TemplateException("A number is rounded by 'common', 'ceil' or 'floor'.");
        if (method is not "common")
            return new TemplateValue.Float(ToOneSide(context, input, precision, method is "ceil"));
        if (Numbers.Whole(input) is { } whole)
            return TemplateValue.Int.Of(precision >= 0 ? whole : ToTens(whole, -precision));
        var number = (input as TemplateValue.Float)?.Value
            ?? throw new TemplateException($"A value of type {PythonText.TypeName(input)} is not a number.");
        var rounded = ExactDecimal.Round(number, precision);
        if (double.IsInfinity(rounded) && double.IsFinite(number))
            throw new TemplateException("The number is too large.");
        return isGiven ? new TemplateValue.Float(rounded)
            : TemplateValue.Int.Of(Truncated(rounded) ?? throw new TemplateException("Not a number."));
    }

    private static BigInteger ToTens(BigInteger value, int places)
    {
        var unit = BigInteger.Pow(10, places);
        var quotient = BigInteger.DivRem(BigInteger.Abs(value), unit, out var remainder);
        var order = (remainder * 2).CompareTo(unit);
        quotient += order > 0 || (order == 0 && !quotient.IsEven) ? 1 : 0;
        return quotient * unit * value.Sign;
    }

    private static double ToOneSide(RenderContext context, TemplateValue input, int precision, bool up)
    {
        TemplateValue ten = new TemplateValue.Int(10);
        var scale = Arithmetic.Compute(context, BinaryOperator.Power, ten, new TemplateValue.Int(precision));
        var scaled = Arithmetic.Compute(context, BinaryOperator.Multiply, input, scale);
        if (Numbers.Whole(scaled) is null)
        {
            var number = (scaled as TemplateValue.Float)?.Value ?? throw new TemplateException("Only a number can be rounded.");
            scaled = TemplateValue.Int.Of(Truncated(up ? Math.Ceiling(number) : Math.Floor(number))
                ?? throw new TemplateException("What is not a number cannot be rounded."));
        }
        return Numbers.Fraction(Arithmetic.Compute(context, BinaryOperator.Divide, scaled, scale))!.Value;
    }

    private static double AsNumber(TemplateValue input) => (input is TemplateValue.Text text
        ? PythonNumbers.ParseFloat(text.Value)
        : Numbers.Fraction(input)) ?? throw new TemplateException($"A value of type {PythonText.TypeName(input)} is not a number.");

    private static TemplateValue.Text ToJson(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var mark = context.Buffer.Length;
        new JsonText(context, arguments.Count == 0 ? JsonLayout.Plain : Layout(context, arguments)).Write(input);
        return context.Made(context.Buffer.Cut(mark));
    }

    private static JsonLayout Layout(RenderContext context, CallArguments arguments)
    {
        const int IndentMax = 1000;
        var indent = arguments.Find(1, "indent") switch
        {
            null or TemplateValue.None => null,
            TemplateValue.Text text => text.Value,
            var other when Numbers.Whole(other) is { } whole =>
                new string(' ', (int)BigInteger.Min(IndentMax, BigInteger.Max(0, whole))),
            var other => throw new TemplateException($"The indent must be a number or a text, not {PythonText.TypeName(other)}."),
        };
        var (item, key) = arguments.Find(2, "separators") switch
        {
            null or TemplateValue.None => (indent is null ? ", " : ",", ": "),
            var pair when context.ItemsOf(pair) is [TemplateValue.Text first, TemplateValue.Text second] => (first.Value, second.Value),
            _ => throw new TemplateException("The separators must be two texts."),
        };
        return new JsonLayout(indent, item, key, arguments.IsTrue(0, "ensure_ascii"), arguments.IsTrue(3, "sort_keys"));
    }
}
