using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The tests that look at values alone.</summary>
internal static class ValueTests
{
    public static readonly Dictionary<string, ValueTest> All = new(StringComparer.Ordinal)
    {
        ["defined"] = (_, value, _) => value is not TemplateValue.Undefined,
        ["undefined"] = (_, value, _) => value is TemplateValue.Undefined,
        ["none"] = (_, value, _) => value is TemplateValue.None,
        ["boolean"] = (_, value, _) => value is TemplateValue.Bool,
        ["true"] = (_, value, _) => value is TemplateValue.Bool { Value: true },
        ["false"] = (_, value, _) => value is TemplateValue.Bool { Value: false },
        ["integer"] = (_, value, _) => value is TemplateValue.Int,
        ["float"] = (_, value, _) => value is TemplateValue.Float,
        ["number"] = (_, value, _) => value is TemplateValue.Int or TemplateValue.Float or TemplateValue.Bool,
        ["string"] = (_, value, _) => value is TemplateValue.Text,
        ["mapping"] = (_, value, _) => value is TemplateValue.Map,
        ["sequence"] = (_, value, _) => IsSequence(value),
        ["iterable"] = (_, value, _) => IsSequence(value),
        ["callable"] = (_, value, _) => value is TemplateValue.Callable,
        ["even"] = (_, value, _) => Whole(value) % 2 == 0,
        ["odd"] = (_, value, _) => Whole(value) % 2 != 0,
        ["divisibleby"] = (_, value, arguments) => Whole(value) % NotZero(Whole(arguments.Require(0, "num"))) == 0,
        ["lower"] = (context, value, _) => TextCases.IsLower(context.TextOf(value)).Value,
        ["upper"] = (context, value, _) => TextCases.IsUpper(context.TextOf(value)).Value,
        ["sameas"] = (context, value, arguments) => IsSame(context, value, arguments.Require(0, "other")),
        ["in"] = Comparing(Comparison.In),
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

    private static long Whole(TemplateValue value) =>
        Numbers.Whole(value) ?? throw new TemplateException($"A value of type {PythonText.TypeName(value)} is not a whole number.");

    private static long NotZero(long value) => value is 0 or -1 ? throw new TemplateException("The divisor must not be 0 or -1.") : value;

    /// <summary>Small values have no identity of their own here: equals of one type are the same.</summary>
    private static bool IsSame(RenderContext context, TemplateValue left, TemplateValue right) => (left, right) switch
    {
        (TemplateValue.List or TemplateValue.Map, _) => ReferenceEquals(left, right),
        _ => left.GetType() == right.GetType() && ValueOrder.AreEqual(context.Meter, left, right),
    };
}
