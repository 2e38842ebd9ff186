using Samovar.Templates.Builtins;
using Samovar.Templates.Syntax;
using Samovar.Templates.Values;

namespace Samovar.Templates;

/// <summary>Gives the values of expressions during one render.</summary>
internal sealed class ExpressionEvaluator(RenderContext context, IReadOnlyDictionary<string, TemplateValue> variables)
{
    private readonly RenderMeter _meter = context.Meter;

    public TemplateValue Evaluate(Expression expression, Scope scope)
    {
        _meter.Enter();
        _meter.Offset = expression.Offset;
        var value = expression switch
        {
            Expression.Constant constant => constant.Value,
            Expression.Name name => Lookup(name.Identifier, scope),
            Expression.Attribute attribute => Access.Attribute(context, Evaluate(attribute.Target, scope), attribute.Identifier),
            Expression.Item item => Item(Evaluate(item.Target, scope), Evaluate(item.Key, scope)),
            Expression.Call call => Call(call, EvaluateAll(call.Arguments, scope), scope),
            Expression.Filter filter => Apply(filter.Apply, Evaluate(filter.Input, scope), scope),
            Expression.Test test => TemplateValue.Bool.Of(Holds(test, scope)),
            Expression.Binary binary => Compute(binary, scope),
            Expression.Compare compare => TemplateValue.Bool.Of(Compare(compare, scope)),
            Expression.Not not => TemplateValue.Bool.Of(!IsTrue(not.Operand, scope)),
            Expression.And and => Evaluate(and.Left, scope) is var left && IsTrue(left, and.Left) ? Evaluate(and.Right, scope) : left,
            Expression.Or or => Evaluate(or.Left, scope) is var left && IsTrue(left, or.Left) ? left : Evaluate(or.Right, scope),
            Expression.Conditional choice => Choose(choice, scope),
            Expression.Concat concat => Concat(concat, scope),
            Expression.Slice slice => Slice(slice, scope),
            Expression.ListLiteral list => context.Made(EvaluateAll(list.Items, scope).ToList(), list.IsTuple),
            Expression.MapLiteral map => Map(map, scope),
            Expression.Negate negate => Arithmetic.Negate(Evaluate(negate.Operand, scope)),
            Expression.Plus plus => Arithmetic.Plus(Evaluate(plus.Operand, scope)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        _meter.Leave();
        if (context.Trace is { } trace && value is TemplateValue.Bool answer) trace.Note(expression.Offset, answer.Value);
        return value;
    }

    private TemplateValue Item(TemplateValue target, TemplateValue key)
    {
        context.Trace?.Watch?.Read(target, key);
        return Access.Item(context, target, key);
    }

    public bool IsTrue(Expression expression, Scope scope) => IsTrue(Evaluate(expression, scope), expression);

    private bool IsTrue(TemplateValue value, Expression expression)
    {
        var truth = Truth.Of(value);
        context.Trace?.Note(expression.Offset, truth);
        return truth;
    }

    public CallArguments EvaluateAll(ArgumentList arguments, Scope scope)
    {
        if (ReferenceEquals(arguments, ArgumentList.Empty))
            return CallArguments.Empty;
        var named = new KeyValuePair<string, TemplateValue>[arguments.Named.Length];
        var positional = EvaluateAll(arguments.Positional, scope);
        for (var at = 0; at < named.Length; at++)
            named[at] = new(arguments.Named[at].Key, Evaluate(arguments.Named[at].Value, scope));
        if (arguments.Several is { } several)
            positional = [.. positional, .. context.ItemsOf(Evaluate(several, scope))];
        if (arguments.SeveralNamed is { } others)
            named = [.. named, .. Named(Evaluate(others, scope), named)];
        return new CallArguments(positional, named);
    }

    private List<KeyValuePair<string, TemplateValue>> Named(TemplateValue given, KeyValuePair<string, TemplateValue>[] earlier)
    {
        if (given is not TemplateValue.Map map)
            throw new TemplateException($"What follows '**' is a map, not {PythonText.TypeName(given)}.");
        _meter.ChargeItems(map.Entries.Count);
        var named = new List<KeyValuePair<string, TemplateValue>>(map.Entries.Count);
        foreach (var (key, value) in map.Entries)
        {
            if (key is not TemplateValue.Text name)
                throw new TemplateException($"The names of arguments are texts, not {PythonText.TypeName(key)}.");
            if (Array.Exists(earlier, pair => string.Equals(pair.Key, name.Value, StringComparison.Ordinal)))
                throw new TemplateException($"The argument '{name.Value}' is given twice.");
            named.Add(new(name.Value, value));
        }
        return named;
    }

    public TemplateValue Apply(FilterCall filter, TemplateValue input, Scope scope)
    {
        var arguments = EvaluateAll(filter.Arguments, scope);
        _meter.Offset = filter.Offset;
        var apply = filter.Known ?? throw new TemplateException($"The filter '{filter.Identifier}' is not known.");
        context.Trace?.Watch?.Filtered(filter.Identifier, input, arguments);
        return apply(context, input, arguments);
    }

    /// <summary>Calls without making a bound method first, where the callee is one of a text, list or map.</summary>
    public TemplateValue Call(Expression.Call call, CallArguments arguments, Scope scope)
    {
        if (call.Callee is not Expression.Attribute attribute)
            return Invoke(Evaluate(call.Callee, scope), call, arguments);
        var target = Evaluate(attribute.Target, scope);
        _meter.Offset = call.Offset;
        context.Trace?.Watch?.Called(target, attribute.Identifier, arguments);
        return Methods.TryCall(context, target, attribute.Identifier, arguments, out var result)
            ? result
            : Invoke(Access.Attribute(context, target, attribute.Identifier), call, arguments);
    }

    private TemplateValue Invoke(TemplateValue callee, Expression.Call call, CallArguments arguments)
    {
        _meter.Offset = call.Offset;
        return callee switch
        {
            TemplateFunction function => function.Invoke(context, arguments),
            TemplateValue.Undefined undefined => throw undefined.Fault(),
            _ => throw new TemplateException($"A value of type {PythonText.TypeName(callee)} cannot be called."),
        };
    }

    private TemplateValue Lookup(string name, Scope scope)
    {
        if (scope.Find(name) is { } local)
            return local;
        if (variables.TryGetValue(name, out var given))
            return given;
        return Globals.Find(name) ?? new TemplateValue.Undefined(name);
    }

    private bool Holds(Expression.Test test, Scope scope)
    {
        var input = Evaluate(test.Input, scope);
        var arguments = EvaluateAll(test.Arguments, scope);
        _meter.Offset = test.Offset;
        var known = test.Known ?? throw new TemplateException($"The test '{test.Identifier}' is not known.");
        context.Trace?.Watch?.Tested(test.Identifier, input, arguments);
        return known(context, input, arguments) != test.IsNegated;
    }

    private TemplateValue Compute(Expression.Binary binary, Scope scope)
    {
        var left = Evaluate(binary.Left, scope);
        var right = Evaluate(binary.Right, scope);
        _meter.Offset = binary.Offset;
        if (binary.Operator == BinaryOperator.Modulo) context.Trace?.Watch?.Formatted(right);
        if (binary.IsSignApart && Numbers.Fraction(left) is < 0)
            return Arithmetic.Negate(Arithmetic.Compute(context, binary.Operator, Arithmetic.Negate(left), right));
        return Arithmetic.Compute(context, binary.Operator, left, right);
    }

    private bool Compare(Expression.Compare compare, Scope scope)
    {
        var watch = context.Trace?.Watch;
        if (watch is not null) watch.IsLengthHarmless = compare.AsksWhetherEmpty;
        var left = Evaluate(compare.First, scope);
        if (watch is not null) watch.IsLengthHarmless = false;
        foreach (var (comparison, operand) in compare.Others)
        {
            var right = Evaluate(operand, scope);
            _meter.Offset = compare.Offset;
            watch?.Compared(comparison, left, right);
            if (!ValueOrder.Holds(context, comparison, left, right))
                return false;
            left = right;
        }
        return true;
    }

    private TemplateValue Choose(Expression.Conditional choice, Scope scope)
    {
        if (IsTrue(choice.Condition, scope))
            return Evaluate(choice.Then, scope);
        return choice.Otherwise is null ? new TemplateValue.Undefined("the branch not taken") : Evaluate(choice.Otherwise, scope);
    }

    private TemplateValue.Text Concat(Expression.Concat concat, Scope scope)
    {
        var parts = EvaluateAll(concat.Parts, scope);
        var mark = context.Buffer.Length;
        var isMarkup = context.Escapes && !concat.IsFolded && Array.Exists(parts, part => part is TemplateValue.Text { IsMarkup: true });
        foreach (var part in parts)
        {
            if (isMarkup)
                context.Buffer.Write(Markup.Escaped(context, part));
            else
                PythonText.Write(context, part);
        }
        return context.Made(context.Buffer.Cut(mark)) with { IsMarkup = isMarkup };
    }

    private TemplateValue Slice(Expression.Slice slice, Scope scope)
    {
        var target = Evaluate(slice.Target, scope);
        var start = slice.Start is null ? null : Evaluate(slice.Start, scope);
        var stop = slice.Stop is null ? null : Evaluate(slice.Stop, scope);
        var step = slice.Step is null ? null : Evaluate(slice.Step, scope);
        _meter.Offset = slice.Offset;
        context.Trace?.Watch?.TakenApart(target);
        if (slice.IsFolded && !(Slices.Has(target) && Array.TrueForAll([start, stop, step], Slices.IsBound)))
            return new TemplateValue.Undefined("a slice");
        return Slices.Take(context, target, start, stop, step);
    }

    private TemplateValue[] EvaluateAll(Expression[] expressions, Scope scope)
    {
        if (expressions.Length == 0)
            return [];
        var values = new TemplateValue[expressions.Length];
        for (var at = 0; at < values.Length; at++)
            values[at] = Evaluate(expressions[at], scope);
        return values;
    }

    private TemplateValue.Map Map(Expression.MapLiteral literal, Scope scope)
    {
        var entries = new MapEntries(literal.Entries.Length);
        foreach (var (key, value) in literal.Entries)
        {
            var name = Evaluate(key, scope);
            entries[name] = Evaluate(value, scope);
        }
        _meter.ChargeItems(entries.Count);
        return new TemplateValue.Map(entries);
    }
}
