using Samovar.Templates.Builtins;
using Samovar.Templates.Syntax;
using Samovar.Templates.Values;

namespace Samovar.Templates;

/// <summary>Carries out statements during one render.</summary>
/// <param name="unset">The names that bodies begin with, undefined.</param>
internal sealed class StatementExecutor(RenderContext context, ExpressionEvaluator expressions, UnsetNames unset)
{
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    private readonly Scope _outermost = new(outer: null);

    public void Run(Statement[] template)
    {
        Begin(_outermost, template);
        Execute(template, _outermost);
    }

    /// <summary>The names of a body that begins.</summary>
    private Scope Inside(Scope scope, Statement[] body) => Begin(new Scope(scope), body);

    private Scope Begin(Scope scope, Statement[] body)
    {
        foreach (var name in unset.In(body)) scope.Set(name, new TemplateValue.Undefined(name) { IsUnset = true });
        return scope;
    }

    private Flow Execute(Statement[] body, Scope scope)
    {
        context.Meter.Enter();
        var flow = Flow.Next;
        for (var at = 0; at < body.Length && flow == Flow.Next; at++)
            flow = Execute(body[at], scope);
        context.Meter.Leave();
        return flow;
    }

    private Flow Execute(Statement statement, Scope scope)
    {
        context.Meter.Step();
        switch (statement)
        {
            case Statement.Data data: context.Buffer.Write(data.Text); break;
            case Statement.Output output: Print(expressions.Evaluate(output.Value, scope)); break;
            case Statement.Together together: return Execute(together.Parts, scope);
            case Statement.If choice: return Choose(choice, scope);
            case Statement.For loop: return Loop(loop, context.ItemsOf(expressions.Evaluate(loop.Items, scope)), depth: 0, scope);
            case Statement.Set set: Assign(set.Target, expressions.Evaluate(set.Value, scope), scope); break;
            case Statement.SetBlock set: Assign(set.Target, Filter(Capture(set.Body, scope), set.Filters, scope), scope); break;
            case Statement.Macro macro: scope.Set(macro.Definition.Identifier, Macro(macro.Definition, scope)); break;
            case Statement.CallBlock call: Call(call, scope); break;
            case Statement.FilterBlock block: PrintText(Filter(Capture(block.Body, scope), block.Filters, scope)); break;
            case Statement.Scoped scoped: return ExecuteScoped(scoped, scope);
            case Statement.Block block: ExecuteBlock(block, scope); break;
            case Statement.AutoEscape escape: return ExecuteEscaped(escape, scope);
            case Statement.Refused refused: throw Refuse(refused);
            case Statement.Break: return Flow.Break;
            case Statement.Continue: return Flow.Continue;
            default: throw new System.Diagnostics.UnreachableException();
        }
        return Flow.Next;
    }

    private void Print(TemplateValue value)
    {
        if (context.Escapes)
            context.Buffer.Write(Markup.Escaped(context, value));
        else
            PythonText.Write(context, value);
    }

    /// <summary>What a block becomes is written as it is.</summary>
    private void PrintText(TemplateValue value) => context.Buffer.Write(value is TemplateValue.Text text
        ? text.Value
        : throw new TemplateException($"A block becomes a text, not {PythonText.TypeName(value)}."));

    private TemplateException Refuse(Statement.Refused refused)
    {
        context.Meter.Offset = refused.Offset;
        return new TemplateException($"'{refused.Name}' needs other templates, and there are none.");
    }

    /// <summary>A block is compiled apart, so that an escape around it does not reach inside.</summary>
    private void ExecuteBlock(Statement.Block block, Scope scope)
    {
        var before = context.Escapes;
        context.Escapes = false;
        Execute(block.Body, Inside(block.IsScoped ? scope : _outermost.WithoutUnset(), block.Body));
        context.Escapes = before;
    }

    private Flow ExecuteEscaped(Statement.AutoEscape escape, Scope scope)
    {
        var before = context.Escapes;
        context.Escapes = expressions.IsTrue(escape.Choice, scope);
        var flow = Execute(escape.Body, Inside(scope, escape.Body));
        context.Escapes = before;
        return flow;
    }

    private Flow Choose(Statement.If choice, Scope scope)
    {
        foreach (var (condition, body) in choice.Branches)
        {
            if (expressions.IsTrue(condition, scope))
                return Execute(body, scope);
        }
        return Execute(choice.Otherwise, scope);
    }

    private Flow Loop(Statement.For loop, IReadOnlyList<TemplateValue> items, int depth, Scope scope)
    {
        if (loop.Condition is { } condition)
            items = Where(loop.Target, condition, items, scope);
        context.Trace?.NoteItems(loop.Items.Offset, items.Count);
        var isAnyWhole = false;
        var state = new LoopState(items, depth);
        var value = state.AsValue(loop.IsRecursive ? Again : null);
        for (; state.Index < items.Count; state.Index++)
        {
            var inner = Inside(scope, loop.Body);
            inner.Set("loop", value);
            Assign(loop.Target, items[state.Index], inner);
            var flow = Execute(loop.Body, inner);
            if (flow == Flow.Break)
                break;
            isAnyWhole |= flow == Flow.Next;
        }
        if (isAnyWhole) return Flow.Next;
        return Execute(loop.Otherwise, Inside(scope, loop.Otherwise)); // also where each round was cut short, as in Jinja2

        TemplateValue Again(RenderContext again, CallArguments arguments)
        {
            Signature.Of("iterable!").Check(arguments);
            var mark = context.Buffer.Length;
            Loop(loop, context.ItemsOf(arguments.Require(0, "iterable")), depth + 1, scope);
            return context.Printed(context.Buffer.Cut(mark));
        }
    }

    private List<TemplateValue> Where(Target target, Expression condition, IReadOnlyList<TemplateValue> items, Scope scope)
    {
        var kept = new List<TemplateValue>();
        for (var at = 0; at < items.Count; at++)
        {
            var inner = new Scope(scope);
            Assign(target, items[at], inner);
            if (expressions.IsTrue(condition, inner))
                kept.Add(items[at]);
        }
        return kept;
    }

    private Flow ExecuteScoped(Statement.Scoped scoped, Scope scope)
    {
        var inner = Inside(scope, scoped.Body);
        foreach (var (target, value) in scoped.Names)
            Assign(target, expressions.Evaluate(value, scope), inner);
        return Execute(scoped.Body, inner);
    }

    private void Call(Statement.CallBlock block, Scope scope)
    {
        var arguments = expressions.EvaluateAll(block.Call.Arguments, scope);
        var caller = new KeyValuePair<string, TemplateValue>("caller", Macro(block.Caller, scope));
        arguments = arguments with { Named = [.. arguments.Named, caller] };
        PrintText(expressions.Call(block.Call, arguments, scope));
    }

    private TemplateValue.Text Capture(Statement[] body, Scope scope)
    {
        var mark = context.Buffer.Length;
        Execute(body, Inside(scope, body));
        return context.Printed(context.Buffer.Cut(mark));
    }

    private TemplateValue Filter(TemplateValue value, FilterCall[] filters, Scope scope)
    {
        foreach (var filter in filters)
            value = expressions.Apply(filter, value, scope);
        return value;
    }

    private TemplateFunction Macro(MacroDefinition macro, Scope defined)
    {
        var escapes = context.Escapes;
        return new TemplateFunction(macro.Identifier, (_, arguments) => Expand(macro, arguments, defined, escapes))
        {
            Printed = () => $"<Macro '{macro.Identifier}'>",
            Find = name => name switch
            {
                "name" => macro.Identifier,
                "arguments" => TemplateValue.List.Tuple(Array.ConvertAll(macro.Parameters, TemplateValue (one) => one.Identifier)),
                "catch_varargs" => macro.TakesMore,
                "catch_kwargs" => macro.TakesOtherNames,
                "caller" => macro.TakesCaller,
                _ => null,
            },
        };
    }

    private TemplateValue.Text Expand(MacroDefinition macro, CallArguments arguments, Scope defined, bool escapes)
    {
        var escapedBefore = context.Escapes;
        var scope = Inside(defined, macro.Body);
        context.Escapes = escapes;
        Bind(macro, arguments, scope);
        var mark = context.Buffer.Length;
        Execute(macro.Body, scope);
        context.Escapes = escapedBefore;
        return context.Printed(context.Buffer.Cut(mark));
    }

    private void Bind(MacroDefinition macro, CallArguments arguments, Scope scope)
    {
        var others = new Dictionary<string, TemplateValue>(arguments.Named, StringComparer.Ordinal);
        if (arguments.Positional.Length > macro.Parameters.Length && !macro.TakesMore)
            throw new TemplateException($"The macro '{macro.Identifier}' takes at most {macro.Parameters.Length} arguments.");
        foreach (var parameter in macro.Parameters) // a default that reads one that has no value yet does not read what is outside
            scope.Set(parameter.Identifier, new TemplateValue.Undefined(parameter.Identifier));
        for (var at = 0; at < macro.Parameters.Length; at++)
        {
            var parameter = macro.Parameters[at];
            TemplateValue? given = null;
            if (at < arguments.Positional.Length)
                given = arguments.Positional[at];
            else
                others.Remove(parameter.Identifier, out given);
            given ??= parameter.Default is { } otherwise ? expressions.Evaluate(otherwise, scope) : null;
            if (given is not null)
                scope.Set(parameter.Identifier, given);
        }
        if (macro.TakesCaller)
            scope.Set("caller", others.Remove("caller", out var caller) ? caller : new TemplateValue.Undefined("caller"));
        if (macro.TakesOtherNames)
            scope.Set("kwargs", new TemplateValue.Map(MapEntries.From(others)));
        else if (others.Keys.FirstOrDefault() is { } unknown)
            throw new TemplateException($"The macro '{macro.Identifier}' takes no argument '{unknown}'.");
        if (macro.TakesMore)
            scope.Set("varargs", TemplateValue.List.Tuple([.. arguments.Positional.Skip(macro.Parameters.Length)]));
    }

    private void Assign(Target target, TemplateValue value, Scope scope)
    {
        switch (target)
        {
            case Target.Name name:
                scope.Set(name.Identifier, value);
                break;
            case Target.NamespaceAttribute attribute when scope.Find(attribute.Namespace) is TemplateValue.Namespace known:
                known.Attributes[attribute.Identifier] = value;
                break;
            case Target.NamespaceAttribute attribute:
                throw new TemplateException($"'{attribute.Namespace}' is not a namespace, so that its attributes cannot be set.");
            case Target.Several several:
                Unpack(several, context.ItemsOf(value), scope);
                break;
        }
    }

    private void Unpack(Target.Several target, IReadOnlyList<TemplateValue> items, Scope scope)
    {
        if (items.Count != target.Parts.Length)
            throw new TemplateException($"Expected {target.Parts.Length} values to unpack, found {items.Count}.");
        for (var at = 0; at < target.Parts.Length; at++)
            Assign(target.Parts[at], items[at], scope);
    }
}
