using System.Globalization;

namespace Samovar.Templates.Tests.Differential;

/// <summary>Random expressions over the names of <see cref="RandomContexts"/>, most of them of the kind that is asked for.</summary>
internal sealed class RandomExpressions(Random random)
{
    private readonly List<string> _locals = [];

    public List<string> Locals => _locals;

    public string Any(int depth) => random.Next(12) switch
    {
        0 or 1 or 2 => Text(depth),
        3 or 4 => Number(depth),
        5 or 6 => List(depth),
        7 => Map(depth),
        8 or 9 => Truth(depth),
        10 when _locals.Count > 0 => Pick([.. _locals]),
        _ => Odd(depth),
    };

    public string Text(int depth) => depth <= 0 ? TextLeaf() : random.Next(14) switch
    {
        0 => TextLeaf(),
        1 or 2 or 3 => $"{Text(depth - 1)} | {TextFilter(depth - 1)}",
        4 or 5 or 6 => $"{Operand(Text(depth - 1))}.{TextMethod(depth - 1)}",
        7 => $"{Text(depth - 1)} ~ {Any(depth - 1)}",
        8 => $"({Text(depth - 1)} + {Text(depth - 1)})",
        9 => $"{Operand(Text(depth - 1))}{Slice(depth - 1)}",
        10 => $"{List(depth - 1)} | join({Pick("", "', '", "s", "'-', attribute='name'", "d='+'")})",
        11 => Format(depth),
        12 => $"({Operand(Text(depth - 1))} if {Truth(depth - 1)} else {Text(depth - 1)})",
        _ => $"{Any(depth - 1)} | {Pick("string", "tojson", "tojson(indent=2)", "pprint", "e", "safe", "tojson(sort_keys=true)",
            "tojson(ensure_ascii=true)", "default('none')", "default('x', true)", "urlencode", "forceescape", "d")}",
    };

    public string Number(int depth) => depth <= 0 ? NumberLeaf() : random.Next(12) switch
    {
        0 => NumberLeaf(),
        1 or 2 => $"({Number(depth - 1)} {Pick("+", "-", "*", "/", "//", "%")} {Number(depth - 1)})",
        3 => $"({Number(depth - 1)} ** {Pick("2", "3", "k", "0", "-1")})",
        4 => $"{Operand(Text(depth - 1))}.{Pick("find", "rfind", "index", "count", "rindex")}({Pick("'a'", "'/'", "' '", "''", "t",
            "'l', 1", "'a', 1, 3", "'b', -3", "'a', k")})",
        5 => $"{Pick(Text(depth - 1), List(depth - 1), Map(depth - 1))} | {Pick("length", "count")}",
        6 => $"{List(depth - 1)} | {Pick("sum", "min", "max", "first", "last", "sum(start=1)", "sum('n')", "min(attribute='n')")}",
        7 => $"{Any(depth - 1)} | {Pick("int", "float", "abs", "int(7)", "int(base=16)", "float(1.5)", "int(0, 2)")}",
        8 => $"{Number(depth - 1)} | round{Pick("", "(1)", "(-1)", "(2, 'floor')", "(0, 'ceil')", "(method='floor')", "(k)")}",
        9 => $"-{Operand(Number(depth - 1))}",
        10 => $"{Text(depth - 1)} | wordcount",
        _ => $"{Operand(List(depth - 1))}[{Number(0)}]",
    };

    public string List(int depth) => depth <= 0 ? ListLeaf() : random.Next(13) switch
    {
        0 => ListLeaf(),
        1 or 2 or 3 or 4 => $"{List(depth - 1)} | {ListFilter(depth - 1)} | list",
        5 => $"{Operand(List(depth - 1))}{Slice(depth - 1)}",
        6 => $"({List(depth - 1)} + {List(depth - 1)})",
        7 => $"{Operand(Text(depth - 1))}.{Pick("split()", "split(',')", "split('/', 1)", "rsplit(' ', 1)", "splitlines()",
            "partition('/')", "rpartition(' ')", "split(sep=' ')", "splitlines(true)", "split('a', maxsplit=2)")}",
        8 => $"{Map(depth - 1)} | {Pick("dictsort", "items | list", "list", "dictsort(false, 'value')", "dictsort(reverse=true)",
            "dictsort(by='value')")}",
        9 => $"{Operand(Map(depth - 1))}.{Pick("keys()", "values()", "items()")}{Pick("", " | list", " | list | sort")}",
        10 => $"[{Any(depth - 1)}, {Any(depth - 1)}{Pick("", ",")}]",
        11 => $"({Any(depth - 1)}, {Any(depth - 1)})",
        _ => $"range({Pick("3", "1, 4", "5, 0, -2", "k", "0, n, 3")}){Pick("", " | list")}",
    };

    /// <summary>What is walked once, item by item.</summary>
    public string Stream(int depth) => $"{List(depth)} | {ListFilter(depth)}";

    public string Map(int depth) => depth <= 0 ? Pick("m", "m", "{}", "{'a': 1, 'b': 2}", "rows[0]", "deep") : random.Next(6) switch
    {
        0 => "m",
        1 or 2 => $"{{{Key()}: {Any(depth - 1)}, {Key()}: {Any(depth - 1)}}}",
        3 => $"dict({Pick("m, ", "", "[('q', 1)], ", "**m, ")}z={Any(depth - 1)})",
        4 => $"{Operand(Map(depth - 1))}.copy()",
        _ => $"{List(depth - 1)} | first",
    };

    public string Truth(int depth) => depth <= 0 ? Pick("yes", "no", "true", "s", "xs", "nope", "nil") : random.Next(10) switch
    {
        0 or 1 => $"{Operand(Any(depth - 1))} {Pick("==", "!=", "<", ">", "<=", ">=", "in", "not in")} {Operand(Any(depth - 1))}",
        2 or 3 or 4 => $"{Operand(Any(depth - 1))} is {Pick("", "", "not ")}{Test(depth - 1)}",
        5 => $"({Truth(depth - 1)} {Pick("and", "or")} {Truth(depth - 1)})",
        8 => $"(true if {Stream(0)} else false)",
        6 => $"(not {Truth(depth - 1)})",
        7 => $"{Operand(Text(depth - 1))}.{Pick("startswith('a')", "endswith('\\n')", "isdigit()", "isalpha()", "isalnum()", "isspace()",
            "islower()", "isupper()", "istitle()", "isascii()", "isnumeric()", "isdecimal()", "isidentifier()", "isprintable()",
            "startswith(('a', 'H'))", "startswith('b', 1)", "endswith('c', 0, 3)")}",
        _ => $"{Number(depth - 1)} {Pick("<", ">", "==")} {Number(depth - 1)}{Pick("", " <= 9")}",
    };

    private string Odd(int depth) => random.Next(9) switch
    {
        0 => "nope",
        1 => "m.nope",
        2 => "nil",
        3 => $"{Operand(Map(depth - 1))}{Pick(".a", "['b']", ".get('a')", ".get('zz', 'd')", ".Key", "['x y']")}",
        4 => $"{Operand(List(depth - 1))}{Pick(".0", "[-1]", "[99]", "[1].name", "['a']")}",
        5 => "rows[0].content",
        6 => $"cycler({Any(depth - 1)}, 2).next()",
        7 => $"namespace(q={Any(depth - 1)}).q",
        _ => $"({Operand(Any(depth - 1))} if {Truth(depth - 1)})",
    };

    private string TextFilter(int depth) => Pick(
        "upper", "lower", "title", "capitalize", "trim", "trim('a ')", "e", "safe", "striptags", "wordwrap(8)", "wordwrap(5, false)",
            "center(12)",
        "indent", "indent(2, true)", "indent('> ', blank=true)", "truncate(5)", "truncate(6, true)", "truncate(7, false, '…', 0)",
            "reverse",
        "replace('a', 'XY')", "replace('l', s, 1)", "urlencode", "urlize", "urlize(10, true)", "first", "last", "list | join('.')",
            "length | string",
        "format(1)", "wordcount | string", "wordwrap(6, wrapstring='|')", "batch(2) | list | string", "select('in', 'abc') | join",
            "xmlattr",
        "forceescape", "tojson", "default(t)", "string", "map('upper') | join('_')", "unique | join", "pprint", "filesizeformat",
            "sort | join",
        "slice(2) | list | string", "max", "min", $"center({Number(0)})", "groupby(0) | length", "urlize(target='_blank', rel='me')",
            "indent(width=1, first=yes)");

    private string TextMethod(int depth) => Pick(
        "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", "lstrip()", "rstrip()", "strip('abc ')",
            "lstrip('a')",
        "rstrip('\\n')", "replace('a', 'b')", "replace('', '-')", "replace('l', '', 1)", "center(9)", "center(8, '*')", "ljust(7, '.')",
            "rjust(9)",
        "rjust(6, '0')", "zfill(8)", "removeprefix('a')", "removesuffix('c')", "expandtabs()", "expandtabs(3)", "join(words)",
            "join(['x', 'y'])",
        "format(1, 2, a=3)", "split('/')[0]", "translate({97: 'x', 98: none})", $"ljust({Number(0)})", "rsplit('/', 1)[-1]",
            "partition(' ')[2]",
        "format(s)", "upper(1)", "join(xs)", "split('a')[-1].strip()", "splitlines()[0]", $"replace({Text(0)}, {Text(0)})");

    private string ListFilter(int depth) => Pick(
        "map('upper')", "map(attribute='name')", "map(attribute='role', default='?')", "select", "reject", "select('odd')",
            "reject('even')",
        "selectattr('role', 'equalto', 'user')", "rejectattr('name')", "selectattr('name')", "selectattr('n', 'gt', 1)",
            "selectattr('content', 'defined')",
        "unique", "sort", "sort(reverse=true)", "sort(attribute='n')", "sort(attribute='n,role')", "sort(case_sensitive=true)",
            "batch(2)", "batch(3, 'f')",
        "slice(2)", "slice(3, 'f')", "groupby('role')", "groupby('n') | map(attribute='list')", "reverse", "map('string')",
            "map('length')", "list",
        "map('int')", "select('string')", "reject('none')", "map('default', 'q')", "rejectattr('content', 'none')", "map('first')",
            "groupby('name', default='z')",
        "unique(attribute='role')", "unique(true)", "select('in', 'abc')", "map('replace', 'a', 'b')", "groupby('role') | map('first')",
            "map('tojson')",
        "selectattr('role', 'in', ['user', 'tool'])", "map('e')", "reject('equalto', 2)", "map(attribute='items')", "map('trim')",
            "map('nope')");

    private string Test(int depth) => Pick(
        "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable", "true",
            "false", "odd", "even",
        "divisibleby(3)", "divisibleby 2", "in [1, 'a', none]", "eq('a')", "equalto(2)", "ne 1", "gt(1)", "lt 3", "ge(0)", "le 2",
            "lower", "upper", "sameas(none)",
        "sameas true", "escaped", "callable", "filter", "test", "in(s)", "greaterthan(2)", "== 1", $"eq({Any(depth - 1)})");

    private string Format(int depth) => random.Next(4) switch
    {
        0 => $"('{Pick("%s", "%5s|", "%-6s|", "%r", "%.2s", "[%10.3s]", "%a")}' % ({Any(depth - 1)},))",
        1 => $"'{Pick("%d", "%+d", "%05d", "%x", "%X", "%#o", "%e", "%.2f", "%g", "%G", "%8.3f", "%-8d|", "% d", "%c", "%5.1e", "%i",
            "%.0f", "%#x", "%#.3g", "%.3d")}' % {Operand(Number(depth - 1))}",
        2 => $"'{{:{Pick(">8", "<8", "^9", "*^7", "05d", "+.2f", ".3f", ",", "x", "#X", "e", ".2e", "g", "10.3", "_", "b", "o", "%",
            ".1%", "=+6", "08,.2f", "s", ".3s", "c", "n", "+", "#o", "06", "^08.3f")}}}'.format({Any(depth - 1)})",
        _ => $"'{Pick("{} and {}", "{0}{1}{0}", "{a}-{}", "{!r}", "{0!s:>6}", "{0[a]}", "{0.a}", "{:>{w}}", "{{}}{}", "{1}",
            "{0[0]}")}'.format({Any(depth - 1)}, {Number(0)}, a={Any(0)}, w=7)",
    };

    private string Slice(int depth) =>
        $"[{Pick("", "1", "-2", "k", "yes", "0")}:{Pick("", "3", "-1", "k", "no", "99")}{Pick("", "", ":2", ":-1", ":")}]";

    private string Key() => Pick("'a'", "'b'", "1", "2.5", "true", "none", "(1, 2)", "s", "n", "'content'", "k");

    private string TextLeaf() => Pick(
        "s", "t", "s", "t", "'abc'", "'Hello, World'", "\"it's\"", "'a\\nb'", "''", "'ünïcode 😀'", "words[0]", "'%s'", "('<i>' | safe)",
            "rows[0].role", "'x' 'y'",
        "('&amp; <b>x</b>' | safe)", "'\\x41\\u00e9'");

    private string NumberLeaf() => Pick(
        "n", "k", "f", "0", "1", "2", "7", "2.5", "-3", "1e3", "100", "big", "0x10", "1_000", random.Next(-50,
            50).ToString(CultureInfo.InvariantCulture), "0.1", "yes", "1e16", "1.5e-7");

    private string ListLeaf() => Pick("xs", "words", "rows", "mixed", "[1, 2, 3]", "['b', 'a', 'C']", "[]", "(1, 'a')", "[none, false]",
        "['<b>' | safe, '<i>']", "[[1, 2], [3]]", "nope", "nil", "[3, 1, 2]", "m");

    /// <summary>In parentheses, where a postfix would bind to the last part alone.</summary>
    private static string Operand(string expression) =>
        expression.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '.') && !char.IsAsciiDigit(expression[0]) ? expression
            : $"({expression})";

    public string Pick(params string[] choices) => choices[random.Next(choices.Length)];
}
