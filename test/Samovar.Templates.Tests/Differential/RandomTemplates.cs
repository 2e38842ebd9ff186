using System.Text;

namespace Samovar.Templates.Tests.Differential;

/// <summary>Random templates: statements of every kind inside each other, with white space and its control between them.</summary>
internal sealed class RandomTemplates(Random random)
{
    private readonly RandomExpressions _expressions = new(random);
    private int _names;
    private int _loops;

    public string Next()
    {
        _names = 0;
        _loops = 0;
        _expressions.Locals.Clear();
        return Body(random.Next(4), 1 + random.Next(2));
    }

    private string Body(int depth, int statements)
    {
        var text = new StringBuilder();
        for (; statements > 0; statements--)
            text.Append(Data()).Append(Statement(depth));
        return text.Append(Data()).ToString();
    }

    private string Data() => Pick("", "", "", "x", " ", "\n", "  \n", "text\n  ", "{# c #}", "{#- c -#}\n", "a b", "\n\n", "\t", "}}",
        "{", " {#+ c #}\n");

    private string Statement(int depth) => depth <= 0 ? Output() : random.Next(22) switch
    {
        0 or 1 or 2 or 3 => Output(),
        4 or 5 => For(depth),
        6 => Recursive(depth),
        7 or 8 => If(depth),
        9 => Set(),
        10 => SetBlock(depth),
        11 or 12 => Macro(depth),
        13 => CallBlock(depth),
        14 => $"{Tag($"filter {Pick("upper", "trim", "replace('a', 'b')", "indent(2)", "title | reverse", "e")}")}{Body(depth - 1,
            1)}{Tag("endfilter")}",
        15 => With(depth),
        16 => Namespace(depth),
        17 => $"{Tag("raw")}{Pick("{{ x }}", " {% if %} ", "{# #}")}{Tag("endraw")}",
        18 => $"{Tag($"block b{_names++}")}{Body(depth - 1, 1)}{Tag("endblock")}",
        19 => $"{Tag($"autoescape {Pick("true", "false")}")}{Body(depth - 1, 2)}{Tag("endautoescape")}",
        20 => $"{Tag("generation")}{Output()}{Tag("endgeneration")}",
        _ => Joined(),
    };

    private string Output() => Pick("{{ ", "{{- ", "{{", "{{ ") + _expressions.Any(random.Next(4)) + Pick(" }}", " -}}", " }}", " }}");

    private string Tag(string inside) => Pick("{% ", "{%- ", "{%+ ", "{%", "{% ") + inside + Pick(" %}", " -%}", " %}", " +%}", " %}");

    private string For(int depth)
    {
        var name = Name("i");
        var target = Pick(name, name, name, $"{name}, other");
        var items = target.Contains(',') ? $"{Pick("m.items()", "m | dictsort", "[(1, 2), (3, 4)]", "rows | groupby('role')")}"
            : random.Next(3) == 0 ? _expressions.Stream(1) : _expressions.List(2);
        var condition = random.Next(4) == 0 ? $" if {_expressions.Truth(1)}" : "";
        _expressions.Locals.Add(name);
        _loops++;
        var body = Pick(
            "{{ loop.index }}", "{{ loop.last }}", "{{ loop.cycle('a', 'b') }}", "{{ loop.previtem }}", "{{ loop.revindex0 }}",
                "{{ loop.changed(" + name + ") }}", "",
            "{{ loop.length }}", "{{ loop.nextitem is defined }}", "{{ loop.depth }}", "{% if loop.first %}F{% endif %}", "{{ loop }}")
                + Body(depth - 1, 1 + random.Next(2));
        if (random.Next(5) == 0)
            body += $"{Tag($"if {_expressions.Truth(1)}")}{Tag(Pick("break", "continue"))}{Tag("endif")}{Output()}";
        _loops--;
        _expressions.Locals.Remove(name);
        var otherwise = random.Next(4) == 0 ? Tag("else") + "none" : "";
        return Tag($"for {target} in {items}{condition}") + body + otherwise + Tag("endfor");
    }

    private string Recursive(int depth) =>
        Tag("for node in [deep] recursive") + "<{{ node.n }}{{ loop.depth }}" + Tag("if node.c") + "{{ loop(node.c) }}" + Tag("endif")
            + ">" + Body(0, depth > 1 ? 1 : 0)
        + Tag("endfor");

    private string If(int depth)
    {
        var text = Tag($"if {_expressions.Truth(2)}") + Body(depth - 1, 1);
        if (random.Next(3) == 0)
            text += Tag($"elif {_expressions.Truth(1)}") + Body(depth - 1, 1);
        if (random.Next(2) == 0)
            text += Tag("else") + Body(depth - 1, 1);
        return text + Tag("endif");
    }

    private string Set()
    {
        var name = Name("v");
        var text = random.Next(4) == 0
            ? Tag($"set {name}, {name}b = {_expressions.Any(1)}, {_expressions.Any(1)}")
            : Tag($"set {name} = {_expressions.Any(2)}");
        _expressions.Locals.Add(name);
        return text + $"{{{{ {name} }}}}";
    }

    private string SetBlock(int depth)
    {
        var name = Name("w");
        var text = Tag($"set {name}{Pick("", "", " | upper", " | trim | length", " | e")}") + Body(depth - 1, 1) + Tag("endset");
        _expressions.Locals.Add(name);
        return text + $"[{{{{ {name} }}}}]";
    }

    private string Macro(int depth)
    {
        var name = Name("f");
        var parameters = Pick("a, b='-'", "a", "", "a=1, b=a", "a, b=2, c=s");
        var body = Body(depth - 1, 1) + Pick("{{ a }}", "{{ b }}{{ a }}", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller }}",
            "{{ a }}", "{{ kwargs.z }}{{ varargs | length }}");
        var call = Pick("1", "1, 2", "", "a=3", "*xs", "**{'a': 1}", "1, z=5", "1, 2, 3, 4", "b=1, a=s", "s, *words", "1, a=2",
            "*[1], **{'b': 2}");
        return Tag($"macro {name}({parameters})") + body + Tag("endmacro") + $"{{{{ {name}({call}) }}}}" + Pick("",
            $"{{{{ {name}.name }}}}{{{{ {name}.arguments }}}}", $"{{{{ {name} }}}}");
    }

    private string CallBlock(int depth)
    {
        var name = Name("g");
        var macro = Tag($"macro {name}(a='d')") + Pick("<{{ caller() }}>", "{{ a }}{{ caller(a) }}", "{{ caller(1, 2) }}", "{{ a }}")
            + Tag("endmacro");
        return macro + Tag($"call{Pick("", "(x)", "(x, y=3)")} {name}({Pick("", "1", "a=s")})") + Pick("{{ x }}", "in", "{{ y }}")
            + Body(depth - 1, 1) + Tag("endcall");
    }

    private string With(int depth)
    {
        var name = Name("u");
        _expressions.Locals.Add(name);
        var text = Tag($"with {name} = {_expressions.Any(1)}, z = s") + Body(depth - 1, 1) + Tag("endwith");
        _expressions.Locals.Remove(name);
        return text;
    }

    private string Namespace(int depth)
    {
        var name = Name("ns");
        return Tag($"set {name} = namespace(c=0, last={_expressions.Any(1)})") + Tag($"for q in {_expressions.List(1)}")
            + Tag($"set {name}.{Pick("c", "last", "new")} = {Pick($"{name}.c + 1", "q", "loop.index", _expressions.Any(1))}")
                + Tag("endfor")
            + $"{{{{ {name}.c }}}}{{{{ {name}.last }}}}{{{{ {name}.new }}}}" + Pick("", $"{{{{ {name} }}}}");
    }

    private string Joined()
    {
        var name = Name("j");
        return Tag($"set {name} = joiner({Pick("", "'; '", "s")})") + Tag("for q in xs") + $"{{{{ {name}() }}}}{{{{ q }}}}" + Tag("endfor");
    }

    private string Name(string prefix) => prefix + _names++;

    private string Pick(params string[] choices) => _expressions.Pick(choices);
}
