namespace Samovar.Templates.Syntax;

/// <summary>Parses a whole template, or the body of a block up to its end.</summary>
internal sealed class StatementParser(TokenReader reader)
{
    private readonly ExpressionParser _expressions = new(reader);
    private readonly HashSet<string> _blocks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inBlocks = new(StringComparer.Ordinal);
    private int _loops;

    public Statement[] ParseTemplate()
    {
        var body = ParseBody(until: []);
        if (reader.Current.Kind != TokenKind.End)
            throw reader.Fail($"'{reader.Current.Text}' closes no block.");
        reader.Used.UnionWith(_inBlocks);
        return body;
    }

    /// <summary>Reads until a tag that begins with one of the names, and is then on that name.</summary>
    private Statement[] ParseBody(params string[] until)
    {
        reader.Enter();
        var body = new List<Statement>();
        while (reader.Current.Kind != TokenKind.End)
        {
            switch (reader.Next())
            {
                case { Kind: TokenKind.Data } data:
                    body.Add(new Statement.Data(data.Text));
                    break;
                case { Kind: TokenKind.VariableBegin }:
                    body.Add(new Statement.Output(_expressions.ParseTuple()));
                    reader.Expect(TokenKind.VariableEnd, "the end of the tag");
                    break;
                default:
                    if (reader.Current.Kind == TokenKind.Name && until.Contains(reader.Current.Text))
                    {
                        reader.Leave();
                        return [.. body];
                    }
                    body.Add(ParseBlock());
                    break;
            }
        }
        if (until.Length > 0)
            throw reader.Unexpected($"'{until[^1]}'");
        reader.Leave();
        return [.. body];
    }

    private Statement ParseBlock()
    {
        if (reader.Current.Kind != TokenKind.Name)
            throw reader.Unexpected("a statement");
        var name = reader.Current;
        Func<Statement> parse = name.Text switch
        {
            "if" => ParseIf,
            "for" => ParseFor,
            "set" => ParseSet,
            "macro" => ParseMacro,
            "call" => ParseCall,
            "filter" => ParseFilter,
            "with" => ParseWith,
            "print" => ParsePrint,
            "block" => ParseNamedBlock,
            "autoescape" => ParseAutoEscape,
            "include" or "import" or "from" or "extends" => () => SkipRefused(name),
            "generation" => ParseGeneration,
            "break" when _loops > 0 => () => new Statement.Break(),
            "continue" when _loops > 0 => () => new Statement.Continue(),
            _ => throw reader.Fail($"The statement '{name.Text}' is not known, or does not stand here."),
        };
        reader.Next();
        var statement = parse();
        EndTag();
        return statement;
    }

    private void EndTag() => reader.Expect(TokenKind.BlockEnd, "the end of the tag");

    private Statement[] ParseTagBody(string end)
    {
        EndTag();
        var body = ParseBody(end);
        reader.Next();
        return body;
    }

    private Statement.If ParseIf()
    {
        var branches = new List<KeyValuePair<Expression, Statement[]>>();
        Statement[] otherwise = [];
        do
        {
            var condition = _expressions.ParseTuple();
            EndTag();
            branches.Add(new(condition, ParseBody("elif", "else", "endif")));
        }
        while (reader.SkipName("elif"));
        if (reader.SkipName("else"))
            otherwise = ParseTagBody("endif");
        else
            reader.Next();
        return new Statement.If([.. branches], otherwise);
    }

    private Statement.For ParseFor()
    {
        var target = ParseTargets();
        if (!reader.SkipName("in"))
            throw reader.Unexpected("'in'");
        var items = _expressions.ParseTuple(allowConditional: false);
        var condition = reader.SkipName("if") ? _expressions.Parse() : null;
        var isRecursive = reader.SkipName("recursive");
        EndTag();
        _loops++;
        var body = ParseBody("else", "endfor");
        _loops--;
        Statement[] otherwise = [];
        if (reader.SkipName("else"))
            otherwise = ParseTagBody("endfor");
        else
            reader.Next();
        return new Statement.For(target, items, condition, body, otherwise) { IsRecursive = isRecursive };
    }

    private Statement ParseSet()
    {
        var target = ParseTargets();
        if (reader.SkipOperator("="))
            return new Statement.Set(target, _expressions.ParseTuple());
        var filters = _expressions.ParseFilters(startsInline: false);
        return new Statement.SetBlock(target, filters, ParseTagBody("endset"));
    }

    private Statement.Macro ParseMacro()
    {
        var name = reader.ExpectIdentifier();
        reader.ExpectOperator("(");
        return new Statement.Macro(ParseMacroFrom(name, ParseParameters(), "endmacro"));
    }

    private Statement.CallBlock ParseCall()
    {
        var parameters = reader.SkipOperator("(") ? ParseParameters() : [];
        if (_expressions.Parse() is not Expression.Call call)
            throw reader.Unexpected("a call");
        return new Statement.CallBlock(call, ParseMacroFrom("caller", parameters, "endcall"));
    }

    /// <summary>What a macro takes beside its parameters is seen by the names its body reads.</summary>
    private MacroDefinition ParseMacroFrom(string name, Parameter[] parameters, string end)
    {
        var outside = reader.Used;
        reader.Used = new HashSet<string>(StringComparer.Ordinal);
        var body = ParseMacroBody(end);
        var used = reader.Used;
        reader.Used = outside;
        outside.UnionWith(used);
        return new MacroDefinition(name, parameters, body)
        {
            TakesMore = Takes("varargs"),
            TakesOtherNames = Takes("kwargs"),
            TakesCaller = Takes("caller"),
        };

        bool Takes(string special) =>
            used.Contains(special) && !Array.Exists(parameters, parameter => string.Equals(parameter.Identifier, special,
                StringComparison.Ordinal));
    }

    /// <summary>A macro's body is outside of all loops, wherever the macro is.</summary>
    private Statement[] ParseMacroBody(string end)
    {
        var loops = _loops;
        _loops = 0;
        var body = ParseTagBody(end);
        _loops = loops;
        return body;
    }

    private Parameter[] ParseParameters()
    {
        var parameters = new List<Parameter>();
        while (!reader.Current.IsOperator(")"))
        {
            var name = reader.ExpectIdentifier();
            var otherwise = reader.SkipOperator("=") ? _expressions.Parse() : null;
            if (otherwise is null && parameters is [.., { Default: not null }])
                throw reader.Fail("A parameter without a default follows one that has one.");
            parameters.Add(new Parameter(name, otherwise));
            if (!reader.SkipOperator(","))
                break;
        }
        reader.ExpectOperator(")");
        return [.. parameters];
    }

    private Statement.FilterBlock ParseFilter()
    {
        var filters = _expressions.ParseFilters(startsInline: true);
        return new Statement.FilterBlock(filters, ParseTagBody("endfilter"));
    }

    private Statement.Scoped ParseWith()
    {
        var names = new List<KeyValuePair<Target, Expression>>();
        while (reader.Current.Kind != TokenKind.BlockEnd)
        {
            var target = ParseTarget();
            reader.ExpectOperator("=");
            names.Add(new(target, _expressions.Parse()));
            if (!reader.SkipOperator(","))
                break;
        }
        return new Statement.Scoped([.. names], ParseTagBody("endwith"));
    }

    private Statement.Together ParsePrint()
    {
        var values = new List<Statement>();
        while (reader.Current.Kind != TokenKind.BlockEnd)
        {
            if (values.Count > 0)
                reader.ExpectOperator(",");
            values.Add(new Statement.Output(_expressions.Parse()));
        }
        return new Statement.Together([.. values]);
    }

    private Statement.Block ParseNamedBlock()
    {
        var name = reader.ExpectIdentifier();
        if (!_blocks.Add(name))
            throw reader.Fail($"The block '{name}' stands twice.");
        var isScoped = reader.SkipName("scoped");
        var isRequired = reader.SkipName("required");
        var loops = _loops;
        _loops = 0;
        var used = reader.Used;
        reader.Used = new HashSet<string>(StringComparer.Ordinal); // what it reads is not what stands around it reads
        EndTag();
        var body = ParseBody("endblock");
        _inBlocks.UnionWith(reader.Used);
        reader.Used = used;
        _loops = loops;
        reader.Next();
        reader.SkipName(name);
        return isRequired ? throw reader.Fail($"The block '{name}' has to be written by another template.") : new(name, isScoped, body);
    }

    private Statement.AutoEscape ParseAutoEscape()
    {
        var choice = _expressions.Parse();
        return new Statement.AutoEscape(choice, ParseTagBody("endautoescape"));
    }

    private Statement.Refused SkipRefused(Token name)
    {
        while (reader.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End))
            reader.Next();
        return new Statement.Refused(name.Text, name.Offset);
    }

    private Statement.Scoped ParseGeneration() => new([], ParseTagBody("endgeneration"));

    private Target ParseTargets()
    {
        var first = ParseTarget();
        if (!reader.Current.IsOperator(","))
            return first;
        var parts = new List<Target> { first };
        while (reader.SkipOperator(",") && !reader.Current.IsName("in") && !reader.Current.IsOperator("="))
            parts.Add(ParseTarget());
        return new Target.Several([.. parts]);
    }

    private Target ParseTarget()
    {
        if (reader.SkipOperator("("))
        {
            reader.Enter();
            var inner = ParseTargets();
            reader.Leave();
            reader.ExpectOperator(")");
            return inner;
        }
        var name = reader.ExpectIdentifier();
        return reader.SkipOperator(".") ? new Target.NamespaceAttribute(name, reader.ExpectIdentifier()) : new Target.Name(name);
    }
}
