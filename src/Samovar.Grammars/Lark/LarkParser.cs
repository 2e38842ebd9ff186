using System.Globalization;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Lark;

/// <summary>Reads a Lark grammar: rules, terminals, priorities, aliases, imports of common terminals.</summary>
internal sealed class LarkParser
{
    private const int DepthMax = 32;

    private readonly string _path;
    private readonly GrammarWork _work;
    private readonly List<LarkToken> _tokens;
    private readonly LarkDefinitions _definitions = new();
    private readonly LarkDefinitions _common;
    private int _at;
    private int _depth;

    private LarkParser(string source, string path, GrammarWork work, LarkDefinitions common)
    {
        (_path, _work, _common) = (path, work, common);
        work.Take(source.Length);
        _tokens = new LarkLexer(source, path).Read();
    }

    private LarkToken Current => _tokens[_at];

    /// <param name="source">The grammar.</param>
    /// <param name="path">Its place in the request, for faults.</param>
    /// <param name="work">What reading it costs.</param>
    /// <param name="common">What it may import.</param>
    public static LarkDefinitions Read(string source, string path, GrammarWork work, LarkDefinitions common)
    {
        var parser = new LarkParser(source, path, work, common);
        parser.ReadAll();
        return parser._definitions;
    }

    private void ReadAll()
    {
        while (Current.Kind != LarkTokenKind.End)
        {
            if (Current.Kind == LarkTokenKind.LineEnd)
                _at++;
            else if (Current.Kind == LarkTokenKind.Directive)
                ReadDirective();
            else
                ReadDefinition();
        }
    }

    private LarkToken Next()
    {
        _work.Take(1);
        var token = Current;
        if (_at < _tokens.Count - 1)
            _at++;
        return token;
    }

    private bool Skip(string sign)
    {
        if (!Current.Is(sign))
            return false;
        Next();
        return true;
    }

    private string Expect(LarkTokenKind kind, string what) => Current.Kind == kind ? Next().Text : throw Invalid($"{what} is expected.");

    private void ReadDirective()
    {
        if (Skip("%ignore"))
        {
            _definitions.Ignored.Add(ReadChoice());
            EndLine();
            return;
        }
        if (!Current.Is("%import"))
            throw LarkFaults.Unsupported(_path, Current.Line, $"'{Current.Text}'");
        Next();
        Skip(".");
        if (Expect(LarkTokenKind.Name, "a module") != "common")
            throw LarkFaults.Unsupported(_path, Current.Line, "an import of anything but 'common'");
        if (Skip("("))
        {
            do
                Import(Expect(LarkTokenKind.Name, "a terminal"), alias: null);
            while (Skip(","));
            if (!Skip(")"))
                throw Invalid("')' is expected.");
        }
        else if (Skip("."))
        {
            var name = Expect(LarkTokenKind.Name, "a terminal");
            Import(name, Skip("->") ? Expect(LarkTokenKind.Name, "a name") : null);
        }
        else
            throw Invalid("the terminals of 'common' are imported by their names.");
        EndLine();
    }

    private void Import(string name, string? alias)
    {
        var waiting = new Stack<string>([name]);
        while (waiting.TryPop(out var needed))
        {
            var node = _common.Find(needed) ?? throw Invalid($"'common' has no terminal '{needed}'.");
            if (!_definitions.TryAdd(needed, node))
                continue;
            foreach (var inner in LarkAnalysis.Names(node))
                waiting.Push(inner);
        }
        if (alias is not null && !_definitions.TryAdd(alias, new LarkNode.Name(name)))
            throw Invalid($"'{alias}' is defined twice.");
    }

    private void ReadDefinition()
    {
        while (Skip("?") || Skip("!"))
        {
            // what a tree is made of is nothing to a grammar
        }
        var line = Current.Line;
        var name = Expect(LarkTokenKind.Name, "a rule");
        if (Current.Is("{"))
            throw LarkFaults.Unsupported(_path, line, "a rule with parameters");
        if (Skip("."))
        {
            Skip("-");
            Expect(LarkTokenKind.Number, "a priority");
        }
        if (!Skip(":"))
            throw Invalid("':' is expected.");
        var node = ReadChoice();
        EndLine();
        if (!_definitions.TryAdd(name, node))
            throw LarkFaults.Invalid(_path, line, $"'{name}' is defined twice.");
    }

    private void EndLine()
    {
        if (Current.Kind is not (LarkTokenKind.LineEnd or LarkTokenKind.End))
            throw Invalid($"'{Current.Text}' is not expected.");
    }

    private LarkNode ReadChoice()
    {
        if (++_depth > DepthMax)
            throw LarkFaults.Unsupported(_path, Current.Line, $"a group more than {DepthMax} levels deep");
        var parts = new List<LarkNode>();
        SkipLinesBefore("|");
        Skip("|");
        do
        {
            parts.Add(ReadSequence());
            SkipLinesBefore("|");
        }
        while (Skip("|"));
        _depth--;
        return parts is [var only] ? only : new LarkNode.Choice([.. parts]);
    }

    /// <summary>A line may go on in the next one with another alternative.</summary>
    private void SkipLinesBefore(string sign)
    {
        var at = _at;
        while (_tokens[at].Kind == LarkTokenKind.LineEnd)
            at++;
        if (_tokens[at].Is(sign))
            _at = at;
    }

    private LarkNode ReadSequence()
    {
        var parts = new List<LarkNode>();
        while (ReadItem() is { } item)
            parts.Add(ReadCounted(item));
        if (Skip("->"))
            Expect(LarkTokenKind.Name, "a name");
        return parts is [var only] ? only : new LarkNode.Sequence([.. parts]);
    }

    private LarkNode? ReadItem()
    {
        if (Skip("!"))
            return ReadItem();
        switch (Current.Kind)
        {
            case LarkTokenKind.Name:
                var name = Next().Text;
                return Current.Is("{") ? throw LarkFaults.Unsupported(_path, Current.Line, "a rule with parameters")
                    : new LarkNode.Name(name);
            case LarkTokenKind.Text:
                return ReadText(Next());
            case LarkTokenKind.Pattern:
                var pattern = Next();
                return new LarkNode.Pattern(pattern.Text, pattern.Flags);
        }
        if (Skip("("))
            return Closed(")", ReadChoice());
        return Skip("[") ? new LarkNode.Repeat(Closed("]", ReadChoice()), 0, 1) : null;
    }

    private LarkNode Closed(string sign, LarkNode node) => Skip(sign) ? node : throw Invalid($"'{sign}' is expected.");

    private LarkNode ReadText(LarkToken text)
    {
        if (!Skip(".."))
            return text.Flags is "" or "i" ? new LarkNode.Literal(text.Text, text.Flags is "i")
                : throw Invalid("a text has no flag but 'i'.");
        var end = Expect(LarkTokenKind.Text, "the end of the range");
        return OneOf(text.Text) is { } from && OneOf(end) is { } to && from <= to
            ? new LarkNode.Range(from, to)
            : throw Invalid("a range goes from one character to another that is not before it.");
    }

    private static int? OneOf(string text) =>
        text.Length > 0 && System.Text.Rune.TryGetRuneAt(text, 0, out var rune) && rune.Utf16SequenceLength == text.Length ? rune.Value
            : null;

    private LarkNode ReadCounted(LarkNode item)
    {
        if (Skip("*"))
            return new LarkNode.Repeat(item, 0, null);
        if (Skip("+"))
            return new LarkNode.Repeat(item, 1, null);
        if (Skip("?"))
            return new LarkNode.Repeat(item, 0, 1);
        if (!Skip("~"))
            return item;
        var min = Number();
        var max = Skip("..") ? Number() : min;
        return max >= min ? new LarkNode.Repeat(item, min, max) : throw Invalid("a count ends before it begins.");
    }

    private int Number() => int.TryParse(Expect(LarkTokenKind.Number, "a number"), NumberStyles.None, CultureInfo.InvariantCulture,
        out var number)
        ? number
        : throw Invalid("a count is too large.");

    private SchemaFaultException Invalid(string reason) => LarkFaults.Invalid(_path, Current.Line, reason);
}
