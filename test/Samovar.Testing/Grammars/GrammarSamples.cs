using System.Globalization;
using System.Text;

namespace Samovar.Testing.Grammars;

/// <summary>Makes grammars by chance: ordinary ones as schemas and tools become, and hostile ones.</summary>
public sealed class GrammarSamples(Random random)
{
    private static readonly string[] Atoms =
        ["[a-z]", "[0-9]", "[a-c]", "\"a\"", "\"ab\"", "\"é\"", "[^\"\\\\]", "[à-ÿ]", "\"{\"", "\"x\"", "[😀-😎]", "\"\\n\"", "."];

    /// <summary>A grammar of a few rules, later ones only used by earlier ones but for calls behind a character; small counts.</summary>
    public string Ordinary()
    {
        var rules = random.Next(1, 6);
        var text = new StringBuilder();
        for (var rule = 0; rule < rules; rule++)
            text.Append(CultureInfo.InvariantCulture, $"{Name(rule)} ::= {Choice(rule, rules, depth: 2, countMax: 4)}\n");
        return text.ToString();
    }

    /// <summary>Counts of counts, choices that begin alike, parts that may be empty: what can be read in very many ways.</summary>
    public string Hostile()
    {
        var text = new StringBuilder();
        var rules = random.Next(1, 4);
        for (var rule = 0; rule < rules; rule++)
            text.Append(CultureInfo.InvariantCulture, $"{Name(rule)} ::= {Nested(rule, rules, depth: random.Next(2, 6))}\n");
        return text.ToString();
    }

    private string Choice(int rule, int rules, int depth, int countMax) =>
        string.Join(" | ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Sequence(rule, rules, depth, countMax)));

    private string Sequence(int rule, int rules, int depth, int countMax) =>
        string.Join(" ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Counted(rule, rules, depth, countMax)));

    private string Counted(int rule, int rules, int depth, int countMax)
    {
        var part = Part(rule, rules, depth, countMax);
        var low = random.Next(0, countMax);
        return random.Next(7) switch
        {
            0 => part + "?",
            1 when IsSolid(part) => part + "*",
            2 when IsSolid(part) => part + "+",
            3 => FormattableString.Invariant($"{part}{{{low},{low + random.Next(1, countMax)}}}"),
            4 => FormattableString.Invariant($"{part}{{{low + 1}}}"),
            5 when IsSolid(part) => FormattableString.Invariant($"{part}{{{low},}}"),
            _ => part,
        };
    }

    // libllama does not end where a part that can be empty is repeated without end
    private static bool IsSolid(string part) => part[0] is '[' or '"' or '.';

    private string Part(int rule, int rules, int depth, int countMax) => random.Next(depth > 0 ? 6 : 3) switch
    {
        3 when rule + 1 < rules => Name(random.Next(rule + 1, rules)),
        4 => $"({Choice(rule, rules, depth - 1, countMax)})",
        5 => $"({Atoms[random.Next(4)]} {Name(random.Next(rules))})",
        _ => Atoms[random.Next(Atoms.Length)],
    };

    private string Nested(int rule, int rules, int depth)
    {
        if (depth == 0) return random.Next(3) == 0 && rule + 1 < rules ? Name(rule + 1) : "\"a\"";
        var inner = Nested(rule, rules, depth - 1);
        var other = Nested(rule, rules, random.Next(depth));
        var count = random.Next(2, 600);
        return random.Next(8) switch
        {
            0 => FormattableString.Invariant($"({inner} {other}?){{{count}}}"),
            1 => FormattableString.Invariant($"({inner}?){{{count}}} ({other}){{{count}}}"),
            2 => $"({inner} | {other})* {inner}?",
            3 => FormattableString.Invariant($"(({inner})* \"b\"?){{{count}}}"),
            4 => FormattableString.Invariant($"({inner} | {inner} {other}){{1,{count}}}"),
            5 => $"(\"a\" {Name(rule)} {inner}? | \"a\" {Name(rule)} \"b\"? | {other})",
            6 => FormattableString.Invariant($"(({inner}){{{count},}} {other}){{{count}}}"),
            _ => FormattableString.Invariant($"(({inner}){{0,{count}}} ({other}){{0,{count}}}){{{count}}}"),
        };
    }

    private static string Name(int rule) => rule == 0 ? "root" : FormattableString.Invariant($"rule-{rule}");
}
