using Samovar.Templates.Builtins;
using Samovar.Templates.Syntax;
using Samovar.Templates.Values;

namespace Samovar.Templates;

/// <summary>Carries out statements during one render.</summary>
internal sealed class StatementExecutor(RenderContext context, ExpressionEvaluator expressions)
{
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public void Run(Statement[] template) => Execute(template, new Scope(outer: null));

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
            case Statement.Output output: PythonText.Write(context, expressions.Evaluate(output.Value, scope)); break;
            case Statement.If choice: return Choose(choice, scope);
            case Statement.For loop: return Loop(loop, scope);
            case Statement.Set set: Assign(set.Target, expressions.Evaluate(set.Value, scope), scope); break;
            case Statement.SetBlock set: Assign(set.Target, Filter(Capture(set.Body, scope), set.Filters, scope), scope); break;
            case Statement.Macro macro: scope.Set(macro.Definition.Identifier, Macro(macro.Definition, scope)); break;
            case Statement.CallBlock call: Call(call, scope); break;
            case Statement.FilterBlock block:
                PythonText.Write(context, Filter(Capture(block.Body, scope), block.Filters, scope));
                break;
            case Statement.Scoped scoped: return ExecuteScoped(scoped, scope);
            case Statement.Break: return Flow.Break;
            case Statement.Continue: return Flow.Continue;
            default: throw new System.Diagnostics.UnreachableException();
        }
        return Flow.Next;
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

    private Flow Loop(Statement.For loop, Scope scope)
    {
        var items = context.ItemsOf(expressions.Evaluate(loop.Items, scope));
        if (loop.Condition is { } condition)
            items = Where(loop.Target, condition, items, scope);
        context.Trace?.NoteItems(loop.Items.Offset, items.Count);
        if (items.Count == 0)
            return Execute(loop.Otherwise, new Scope(scope));
        var state = new LoopState(items);
        var value = new TemplateValue.Loop(state.Find);
        for (; state.Index < items.Count; state.Index++)
        {
            var inner = new Scope(scope);
            inner.Set("loop", value);
            Assign(loop.Target, items[state.Index], inner);
            if (Execute(loop.Body, inner) == Flow.Break)
                break;
        }
        return Flow.Next;
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
        var inner = new Scope(scope);
        foreach (var (target, value) in scoped.Names)
            Assign(target, expressions.Evaluate(value, scope), inner);
        return Execute(scoped.Body, inner);
    }

    private void Call(Statement.CallBlock block, Scope scope)
    {
        var arguments = expressions.EvaluateAll(block.Call.Arguments, scope);
        var caller = new KeyValuePair<string, TemplateValue>("caller", Macro(block.Caller, scope));
        arguments = arguments with { Named = [.. arguments.Named, caller] };
        PythonText.Write(context, expressions.Call(block.Call, arguments, scope));
    }

    private TemplateValue.Text Capture(Statement[] body, Scope scope)
    {
        var mark = context.Buffer.Length;
        Execute(body, new Scope(scope));
        return context.Made(context.Buffer.Cut(mark));
    }

    private TemplateValue Filter(TemplateValue value, FilterCall[] filters, Scope scope)
    {
        foreach (var filter in filters)
            value = expressions.Apply(filter, value, scope);
        return value;
    }

    private TemplateFunction Macro(MacroDefinition macro, Scope defined) =>
        new(macro.Identifier, (_, arguments) => Expand(macro, arguments, defined));

    private TemplateValue.Text Expand(MacroDefinition macro, CallArguments arguments, Scope defined)
    {
        if (arguments.Positional.Length > macro.Parameters.Length)
            throw new TemplateException($"The macro '{macro.Identifier}' takes at most {macro.Parameters.Length} arguments.");
        var scope = new Scope(defined);
        for (var at = 0; at < macro.Parameters.Length; at++)
        {
            var parameter = macro.Parameters[at];
            var value = arguments.Find(at, parameter.Identifier)
                ?? (parameter.Default is { } otherwise
                    ? expressions.Evaluate(otherwise, scope)
                    : new TemplateValue.Undefined(parameter.Identifier));
            scope.Set(parameter.Identifier, value);
        }
        foreach (var (name, value) in arguments.Named)
        {
            if (string.Equals(name, "caller", StringComparison.Ordinal))
                scope.Set(name, value);
            else if (!Array.Exists(macro.Parameters, parameter => string.Equals(parameter.Identifier, name, StringComparison.Ordinal)))
                throw new TemplateException($"The macro '{macro.Identifier}' takes no argument '{name}'.");
        }
        var mark = context.Buffer.Length;
        Execute(macro.Body, scope);
        return context.Made(context.Buffer.Cut(mark));
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
