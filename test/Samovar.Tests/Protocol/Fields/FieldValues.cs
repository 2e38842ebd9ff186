using System.Globalization;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Fields;

/// <summary>A wrong value, and how far below the field it is found wrong.</summary>
internal readonly record struct WrongValue(string Json, string Below = "");

/// <summary>What may stand in a field of a form, and what may not.</summary>
internal static class FieldValues
{
    /// <summary>Longer texts are not tried at their bounds.</summary>
    private const int CharsTriedMax = 1024;
    private const int ElementsTriedMax = 64;

    private static readonly string[] OfEveryType = ["5", "1.5", "true", "\"nonsense\"", "[]", "{}"];

    public static IEnumerable<string> Right(FieldForm form, ProtocolLimits limits) => form switch
    {
        WordForm words => words.Words.Select(Quoted),
        TextForm text => text.CharsMax(limits) is var max && max <= CharsTriedMax ? [Quoted("x"), Quoted(Long(max))] : [Quoted("x")],
        NameForm name => [Quoted("aZ_9-"), Quoted(Long(name.CharsMax(limits)))],
        FlagForm flag => flag.IsOffered ? ["true", "false"] : ["false"],
        IntegerForm whole => [Number(whole.Min(limits)), Number(whole.Max)],
        NumberForm number => [Number(number.Min), Number(number.Max), Number((number.Min + number.Max) / 2)],
        ListForm list => Right(list.Element, limits).Select(element => $"[{element}]"),
        EitherForm either => Right(either.First, limits).Concat(Right(either.Second, limits)),
        ArgumentsForm => ["{}", """{"type":"object"}""", """{"properties":{"type":{"type":"string"}},"type":["null","object"]}""",
            """{"type":null}"""],
        AnyForm => OfEveryType,
        RefusedForm => ["[]"],
        _ => [],
    };

    public static IEnumerable<WrongValue> Wrong(FieldForm form, ProtocolLimits limits)
    {
        foreach (var value in OfEveryType.Where(value => !Fits(form, value))) yield return new WrongValue(value);
        foreach (var value in OutOfBounds(form, limits)) yield return value;
    }

    private static IEnumerable<WrongValue> OutOfBounds(FieldForm form, ProtocolLimits limits) => form switch
    {
        WordForm words => Of(Quoted(""), Quoted(words.Words[0].ToUpperInvariant() + "!"), Quoted(words.Words[0] + " ")),
        TextForm text => TooLong(text.CharsMax(limits)).Concat(text.CharsMin > 0 ? Of(Quoted("")) : []),
        NameForm name => TooLong(name.CharsMax(limits)).Concat(Of(Quoted(""), Quoted("a b"), Quoted("a.b"), Quoted("ä"), Quoted("a\\n"))),
        FlagForm flag => flag.IsOffered ? [] : Of("true"),
        IntegerForm whole => new[] { (whole.Min(limits), -1), (whole.Max, 1) }
            .Where(bound => bound.Item1 is not (long.MinValue or long.MaxValue))
            .Select(bound => new WrongValue(Number(bound.Item1 + bound.Item2))),
        NumberForm number => Of(Number(number.Min - 0.01), Number(number.Max + 0.01), "1e999"),
        ListForm list => InList(list, limits),
        EitherForm either => OutOfBounds(either.First, limits).Concat(OutOfBounds(either.Second, limits)),
        ArgumentsForm => new[] { "\"array\"", "\"OBJECT\"", "\"\"", "5", "{}", "[]", "[\"string\",\"null\"]" }
            .Select(type => new WrongValue($$$"""{"properties":{"type":{"type":"object"}},"type":{{{type}}}}""", ".type")),
        RefusedForm => Of("[\"x\"]"),
        _ => [],
    };

    private static IEnumerable<WrongValue> InList(ListForm list, ProtocolLimits limits)
    {
        yield return new WrongValue("[null]", "[0]");
        foreach (var (value, below) in Wrong(list.Element, limits)) yield return new WrongValue($"[{value}]", "[0]" + below);
        if (list.CountMax(limits) is var max && max <= ElementsTriedMax && list.Element is not ObjectForm)
            yield return new WrongValue($"[{string.Join(',', Enumerable.Repeat(Right(list.Element, limits).First(), max + 1))}]");
    }

    /// <summary>Whether a value is of the form's type, or is tried among its bounds.</summary>
    private static bool Fits(FieldForm form, string value) => form switch
    {
        EitherForm either => Fits(either.First, value) || Fits(either.Second, value),
        WordForm => false,
        TextForm or NameForm => value[0] == '"',
        FlagForm => value == "true",
        IntegerForm whole => value == "5" && whole.Max >= 5,
        NumberForm => value[0] is '5' or '1', // its bounds are tried apart
        ListForm => value[0] == '[',
        ObjectForm or ArgumentsForm => value[0] == '{',
        RefusedForm => value == "[]",
        _ => true,
    };

    private static IEnumerable<WrongValue> TooLong(int max) => max <= CharsTriedMax ? Of(Quoted(Long(max + 1))) : [];
    private static IEnumerable<WrongValue> Of(params string[] values) => values.Select(value => new WrongValue(value));
    private static string Long(int chars) => new('x', chars);
    private static string Quoted(string text) => $"\"{text}\"";
    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
