namespace Samovar.Templates.Values;

/// <summary>The operators that compute, with Python's meaning for numbers, texts and lists.</summary>
internal static class Arithmetic
{
    public static TemplateValue Compute(RenderContext context, BinaryOperator op, TemplateValue left, TemplateValue right)
    {
        if (left is TemplateValue.Undefined missing)
            throw missing.Fault();
        if (right is TemplateValue.Undefined missingRight)
            throw missingRight.Fault();
        return (op, left, right) switch
        {
            (BinaryOperator.Add, TemplateValue.Text a, TemplateValue.Text b) => Join(context, a.Value, b.Value),
            (BinaryOperator.Add, TemplateValue.List a, TemplateValue.List b) when a.IsTuple == b.IsTuple => Join(context, a, b),
            (BinaryOperator.Multiply, TemplateValue.Text text, _) when Numbers.Whole(right) is { } times =>
                Repeat(context, text.Value, times),
            (BinaryOperator.Multiply, _, TemplateValue.Text text) when Numbers.Whole(left) is { } times =>
                Repeat(context, text.Value, times),
            (BinaryOperator.Multiply, TemplateValue.List list, _) when Numbers.Whole(right) is { } times => Repeat(context, list, times),
            (BinaryOperator.Multiply, _, TemplateValue.List list) when Numbers.Whole(left) is { } times => Repeat(context, list, times),
            (BinaryOperator.Modulo, TemplateValue.Text format, _) => context.Made(TextFormats.Percent(context, format.Value, right)),
            _ when Numbers.Whole(left) is { } a && Numbers.Whole(right) is { } b => OfWholes(op, a, b),
            _ when Numbers.Fraction(left) is { } a && Numbers.Fraction(right) is { } b => OfNumbers(op, a, b),
            _ => throw new TemplateException(
                $"'{op}' is not defined between {PythonText.TypeName(left)} and {PythonText.TypeName(right)}."),
        };
    }

    public static TemplateValue Negate(TemplateValue value) => value switch
    {
        _ when Numbers.Whole(value) is { } whole => new TemplateValue.Int(whole == long.MinValue ? throw TooLarge() : -whole),
        TemplateValue.Float number => new TemplateValue.Float(-number.Value),
        _ => throw NoNumber(value),
    };

    public static TemplateValue Plus(TemplateValue value) => value switch
    {
        _ when Numbers.Whole(value) is { } whole => new TemplateValue.Int(whole),
        TemplateValue.Float => value,
        _ => throw NoNumber(value),
    };

    private static TemplateValue OfWholes(BinaryOperator op, long a, long b)
    {
        try
        {
            return op switch
            {
                BinaryOperator.Add => new TemplateValue.Int(checked(a + b)),
                BinaryOperator.Subtract => new TemplateValue.Int(checked(a - b)),
                BinaryOperator.Multiply => new TemplateValue.Int(checked(a * b)),
                BinaryOperator.FloorDivide when b != 0 => new TemplateValue.Int(FloorDivide(a, b)),
                BinaryOperator.Modulo when b != 0 => new TemplateValue.Int(b == -1 ? 0 : ((a % b) + b) % b),
                BinaryOperator.Power when b >= 0 => new TemplateValue.Int(Power(a, b)),
                _ => OfNumbers(op, a, b),
            };
        }
        catch (OverflowException)
        {
            throw TooLarge();
        }
    }

    private static long FloorDivide(long a, long b)
    {
        var quotient = checked(a / b);
        return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private static long Power(long value, long exponent)
    {
        if (value is 0 or 1 || exponent == 0)
            return exponent == 0 ? 1 : value;
        if (value == -1)
            return exponent % 2 == 0 ? 1 : -1;
        var result = 1L;
        for (; exponent > 0; exponent--)
            result = checked(result * value); // ends by overflow after 63 rounds at most
        return result;
    }

    private static TemplateValue.Float OfNumbers(BinaryOperator op, double a, double b)
    {
        if (b == 0 && op is BinaryOperator.Divide or BinaryOperator.FloorDivide or BinaryOperator.Modulo && b == 0)
            throw new TemplateException("A number cannot be divided by zero.");
        return new TemplateValue.Float(op switch
        {
            BinaryOperator.Add => a + b,
            BinaryOperator.Subtract => a - b,
            BinaryOperator.Multiply => a * b,
            BinaryOperator.Divide => a / b,
            BinaryOperator.FloorDivide => Math.Floor(a / b),
            BinaryOperator.Modulo => a - b * Math.Floor(a / b),
            _ => Math.Pow(a, b),
        });
    }

    private static TemplateValue.Text Join(RenderContext context, string a, string b)
    {
        context.Meter.ChargeChars((long)a.Length + b.Length);
        return new TemplateValue.Text(a + b);
    }

    private static TemplateValue.List Join(RenderContext context, TemplateValue.List a, TemplateValue.List b) =>
        context.Made([.. a.Items, .. b.Items], a.IsTuple);

    private static TemplateValue.Text Repeat(RenderContext context, string text, long times)
    {
        times = text.Length == 0 ? 0 : Math.Clamp(times, 0, int.MaxValue);
        context.Meter.ChargeChars(text.Length * times);
        return new TemplateValue.Text(string.Concat(Enumerable.Repeat(text, (int)times)));
    }

    private static TemplateValue.List Repeat(RenderContext context, TemplateValue.List list, long times)
    {
        times = list.Items.Count == 0 ? 0 : Math.Clamp(times, 0, int.MaxValue);
        context.Meter.ChargeItems(list.Items.Count * times);
        return new TemplateValue.List(Enumerable.Repeat(list.Items, (int)times).SelectMany(items => items).ToList(), list.IsTuple);
    }

    private static TemplateException TooLarge() => new("The number is too large.");

    private static TemplateException NoNumber(TemplateValue value) => value is TemplateValue.Undefined missing
        ? missing.Fault()
        : new TemplateException($"A value of type {PythonText.TypeName(value)} is not a number.");
}
