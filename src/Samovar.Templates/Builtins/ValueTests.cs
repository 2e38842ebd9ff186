using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The tests that look at values alone.</summary>
internal static class ValueTests
{
    private static readonly TemplateValue.Int Two = new(2);

    public static readonly Dictionary<string, ValueTest> All = new(StringComparer.Ordinal)
    {
        ["defined"] = (_, value, _) => value is not TemplateValue.Undefined,
        ["undefined"] = (_, value, _) => value is TemplateValue.Undefined,
        ["none"] = (_, value, _) => value is TemplateValue.None,
        ["boolean"] = (_, value, _) => value is TemplateValue.Bool,
        ["true"] = (_, value, _) => value is TemplateValue.Bool { Value: true },
        ["false"] = (_, value, _) => value is TemplateValue.Bool { Value: false },
        ["integer"] = (_, value, _) => Numbers.IsInteger(value),
        ["float"] = (_, value, _) => value is TemplateValue.Float && !Numbers.IsInteger(value),
        ["number"] = (_, value, _) => Numbers.IsNumber(value),
        ["string"] = (_, value, _) => value is TemplateValue.Text,
        ["escaped"] = (_, value, _) => value is TemplateValue.Text { IsMarkup: true },
        ["mapping"] = (_, value, _) => value is TemplateValue.Map,
        ["sequence"] = (_, value, _) => IsSequence(value) && value is not TemplateValue.List { View: SequenceView.MapPart },
        ["iterable"] = (_, value, _) => IsSequence(value) || value is TemplateValue.Stream or TemplateFunction { Name: "loop" },
        ["callable"] = (_, value, _) => value is TemplateValue.Callable or TemplateValue.Undefined,
        ["even"] = (context, value, _) => IsEqual(context, Remainder(context, value, Two), 0),
        ["odd"] = (context, value, _) => IsEqual(context, Remainder(context, value, Two), 1),
        ["divisibleby"] = (context, value, arguments) => IsEqual(context, Remainder(context, value, arguments.Require(0, "num")), 0),
        ["lower"] = (context, value, _) => TextCases.IsLower(context.TextOf(value)),
        ["upper"] = (context, value, _) => TextCases.IsUpper(context.TextOf(value)),
        ["sameas"] = (context, value, arguments) => IsSame(context, value, arguments.Require(0, "other")),
        ["in"] = (context, value, arguments) => ValueOrder.Holds(context, Comparison.In, value, arguments.Require(0, "seq")),
        ["=="] = Comparing(Comparison.Equal),
        ["eq"] = Comparing(Comparison.Equal),
        ["equalto"] = Comparing(Comparison.Equal),
        ["!="] = Comparing(Comparison.NotEqual),
        ["ne"] = Comparing(Comparison.NotEqual),
        ["<"] = Comparing(Comparison.Less),
        ["lt"] = Comparing(Comparison.Less),
        ["lessthan"] = Comparing(Comparison.Less),
        ["<="] = Comparing(Comparison.LessOrEqual),
        ["le"] = Comparing(Comparison.LessOrEqual),
        [">"] = Comparing(Comparison.Greater),
        ["gt"] = Comparing(Comparison.Greater),
        ["greaterthan"] = Comparing(Comparison.Greater),
        [">="] = Comparing(Comparison.GreaterOrEqual),
        ["ge"] = Comparing(Comparison.GreaterOrEqual),
    };

    private static bool IsSequence(TemplateValue value) =>
        value is TemplateValue.Text or TemplateValue.List or TemplateValue.Map or TemplateValue.Undefined;

    private static ValueTest Comparing(Comparison comparison) =>
        (context, value, arguments) => ValueOrder.Holds(context, comparison, value, arguments.Require(0, "other"));

    private static TemplateValue Remainder(RenderContext context, TemplateValue value, TemplateValue divisor) =>
        Arithmetic.Modulo(context, value, divisor);

    private static bool IsEqual(RenderContext context, TemplateValue value, long number) =>
        ValueOrder.AreEqual(context.Meter, value, new TemplateValue.Int(number));

    /// <summary>Small values have no identity of their own here: equals of one type are the same.</summary>
    private static bool IsSame(RenderContext context, TemplateValue left, TemplateValue right) => (left, right) switch
    {
        (TemplateValue.List { Items: [], IsTuple: true }, TemplateValue.List { Items: [], IsTuple: true }) => true,
        (TemplateValue.List or TemplateValue.Map or TemplateValue.Undefined, _) => ReferenceEquals(left, right),
        _ => left.GetType() == right.GetType() && ValueOrder.AreEqual(context.Meter, left, right),
    };
}
