using System.Globalization;

namespace Samovar.Grammars.Rules;

/// <summary>Collects the rules of one grammar; several schemas may share it, and equal rules are kept once.</summary>
internal sealed class GrammarRules(GrammarLimits limits, CancellationToken givenUp = default)
{
    /// <summary>libllama refuses a count of 2000 and above; so that it can read every grammar, larger ones are split.</summary>
    private const int RepeatMax = 1999;

    private const int RepeatBlock = 1000;

    /// <summary>The largest count of a repetition.</summary>
    public const int CountMax = RepeatMax * RepeatBlock;

    private const int HintMax = 24;

    private readonly OrderedDictionary<string, string> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private int _chars;
    private int _next;

    public GrammarLimits Limits => limits;

    public GrammarWork Work { get; } = new(limits, givenUp);

    /// <summary>The name of a rule with this body.</summary>
    /// <param name="hint">What the name should remind of; a number makes it unique.</param>
    /// <param name="body">Its GBNF.</param>
    public string Define(string hint, string body)
    {
        Work.Take(1 + body.Length);
        if (_names.TryGetValue(body, out var known))
            return known;
        var name = Reserve(hint);
        Fill(name, body);
        return _names[body] = name;
    }

    /// <summary>A name for a rule whose body refers to it.</summary>
    public string Reserve(string hint)
    {
        var safe = string.Concat(hint.Where(one => char.IsAsciiLetterOrDigit(one) || one == '-').Take(HintMax));
        return string.Create(CultureInfo.InvariantCulture, $"{(safe.Length == 0 ? "r" : safe)}-{_next++}");
    }

    public void Fill(string name, string body)
    {
        Work.Take(body.Length);
        _chars += name.Length + body.Length;
        _rules[name] = body;
        if (_rules.Count > limits.RulesMax || _chars > limits.CharsMax)
            throw SchemaFaultException.Beyond("", $"The grammar needs more than {limits.RulesMax} rules or {limits.CharsMax} characters.");
    }

    /// <summary>One of the rules every grammar may use, under its own name.</summary>
    public string Use(JsonRule rule)
    {
        if (_rules.ContainsKey(rule.Name))
            return rule.Name;
        Fill(rule.Name, rule.Body);
        foreach (var needed in rule.Needs())
            Use(needed);
        return rule.Name;
    }

    /// <summary>A symbol between <paramref name="min"/> and <paramref name="max"/> times; null for no end.</summary>
    /// <param name="symbol">A rule's name, or a bracket.</param>
    public string Repeat(string symbol, int min, int? max)
    {
        if (max == 0)
            return "";
        if (min > RepeatMax || max > RepeatMax)
            return RepeatMany(symbol, min, max);
        return (min, max) switch
        {
            (0, null) => symbol + "*",
            (1, null) => symbol + "+",
            (0, 1) => symbol + "?",
            (1, 1) => symbol,
            _ when min == max => Counted($"{min}"),
            _ => Counted($"{min},{max}"),
        };

        string Counted(FormattableString count) => symbol + "{" + FormattableString.Invariant(count) + "}";
    }

    public GrammarText Build(string root) => new(root, [.. _rules]);

    /// <summary>Large counts in blocks; a remainder of up to one block may follow the last.</summary>
    private string RepeatMany(string symbol, int min, int? max)
    {
        var most = Math.Max(min, max ?? 0);
        if (most > CountMax)
            throw SchemaFaultException.Beyond("", $"A count of more than {CountMax} is too large.");
        var block = Define("block", Repeat(symbol, RepeatBlock, RepeatBlock));
        var must = Gbnf.Sequence(Repeat(block, min / RepeatBlock, min / RepeatBlock), Repeat(symbol, min % RepeatBlock, min % RepeatBlock));
        if (max is null)
            return Gbnf.Sequence(must, symbol + "*");
        var more = max.Value - min;
        return more <= RepeatMax
            ? Gbnf.Sequence(must, Repeat(symbol, 0, more))
            : Gbnf.Sequence(must, Repeat(block, 0, more / RepeatBlock - 1), Repeat(symbol, 0, more % RepeatBlock + RepeatBlock));
    }
}
