using System.Numerics;

namespace Samovar.Templates.Values;

/// <summary>The operators that compute, with Python's meaning for numbers, texts and lists.</summary>
internal static class Arithmetic
{
    public static TemplateValue Compute(RenderContext context, BinaryOperator op, TemplateValue left, TemplateValue right)
    {
        if (left is TemplateValue.Undefined missing)
            throw missing.Fault();
        if (op == BinaryOperator.Modulo && left is TemplateValue.Text format)
            return PercentFormat.Fill(context, format, right);
        if (right is TemplateValue.Undefined missingRight)
            throw missingRight.Fault();
        return (op, left, right) switch
        {
            (BinaryOperator.Add, TemplateValue.Text a, TemplateValue.Text b) => Join(context, a, b),
            (BinaryOperator.Add, TemplateValue.List { View: null } a, TemplateValue.List { View: null } b) when a.IsTuple == b.IsTuple =>
                Join(context, a, b),
            (BinaryOperator.Multiply, TemplateValue.Text text, _) when Numbers.Whole(right) is { } times => Repeat(context, text, times),
            (BinaryOperator.Multiply, _, TemplateValue.Text text) when Numbers.Whole(left) is { } times => Repeat(context, text, times),
            (BinaryOperator.Multiply, TemplateValue.List { View: null } list, _) when Numbers.Whole(right) is { } times =>
                Repeat(context, list, times),
            (BinaryOperator.Multiply, _, TemplateValue.List { View: null } list) when Numbers.Whole(left) is { } times =>
                Repeat(context, list, times),
            _ when Numbers.Whole(left) is { } a && Numbers.Whole(right) is { } b => OfWholes(context, op, a, b),
            _ when Numbers.Fraction(left) is { } a && Numbers.Fraction(right) is { } b => OfNumbers(op, a, b),
            _ => throw new TemplateException(
                $"'{op}' is not defined between {PythonText.TypeName(left)} and {PythonText.TypeName(right)}."),
        };
    }

    public static TemplateValue Negate(TemplateValue value) => value switch
    {
        _ when Numbers.Whole(value) is { } whole => TemplateValue.Int.Of(-whole),
        TemplateValue.Float number => new TemplateValue.Float(-number.Value),
        _ => throw NoNumber(value),
    };

    public static TemplateValue Plus(TemplateValue value) => value switch
    {
        _ when Numbers.Whole(value) is { } whole => TemplateValue.Int.Of(whole),
        TemplateValue.Float => value,
        _ => throw NoNumber(value),
    };

    /// <summary>The remainder, with the sign of the divisor.</summary>
    public static TemplateValue Modulo(RenderContext context, TemplateValue left, TemplateValue right) =>
        Compute(context, BinaryOperator.Modulo, left, right);

    private static TemplateValue OfWholes(RenderContext context, BinaryOperator op, BigInteger a, BigInteger b)
    {
        if (b.IsZero && op is BinaryOperator.Divide or BinaryOperator.FloorDivide or BinaryOperator.Modulo && b.IsZero)
            throw DivisionByZero();
        switch (op)
        {
            case BinaryOperator.Add: return Bounded(context, a + b);
            case BinaryOperator.Subtract: return Bounded(context, a - b);
            case BinaryOperator.Multiply: return Bounded(context, a * b);
            case BinaryOperator.FloorDivide: return TemplateValue.Int.Of(FloorDivide(a, b));
            case BinaryOperator.Modulo: return TemplateValue.Int.Of(a - FloorDivide(a, b) * b);
            case BinaryOperator.Divide: return new TemplateValue.Float(a.IsZero && b.Sign < 0 ? -0.0 : Finite(ExactDecimal.Divide(a, b)));
            case BinaryOperator.Power when b.Sign >= 0: return Power(context, a, b);
            default: return OfNumbers(op, Numbers.ToDouble(a), Numbers.ToDouble(b));
        }
    }

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return !remainder.IsZero && remainder.Sign != b.Sign ? quotient - 1 : quotient;
    }

    private static TemplateValue Power(RenderContext context, BigInteger value, BigInteger exponent)
    {
        if (value.IsZero || value.IsOne || exponent.IsZero)
            return TemplateValue.Int.Of(exponent.IsZero ? BigInteger.One : value);
        if (value == BigInteger.MinusOne)
            return TemplateValue.Int.Of(exponent.IsEven ? BigInteger.One : value);
        if (exponent * value.GetBitLength() > 2 * Numbers.BitsMax)
            throw TooLarge();
        return Bounded(context, BigInteger.Pow(value, (int)exponent));
    }

    private static TemplateValue Bounded(RenderContext context, BigInteger value)
    {
        var bits = value.GetBitLength();
        if (bits > Numbers.BitsMax)
            throw TooLarge();
        context.Meter.Step(bits / 64);
        return TemplateValue.Int.Of(value);
    }

    private static TemplateValue.Float OfNumbers(BinaryOperator op, double a, double b)
    {
        if (b == 0 && op is BinaryOperator.Divide or BinaryOperator.FloorDivide or BinaryOperator.Modulo && b == 0)
            throw DivisionByZero();
        return new TemplateValue.Float(op switch
        {
            BinaryOperator.Add => a + b,
            BinaryOperator.Subtract => a - b,
            BinaryOperator.Multiply => a * b,
            BinaryOperator.Divide => a / b,
            BinaryOperator.FloorDivide => DivideAndRemain(a, b).Quotient,
            BinaryOperator.Modulo => DivideAndRemain(a, b).Remainder,
            _ => Power(a, b),
        });
    }

    private static double Power(double a, double b)
    {
        if (a == 0 && b < 0)
            throw DivisionByZero();
        if (a < 0 && double.IsFinite(a) && double.IsFinite(b) && Math.Floor(b) != b)
            throw new TemplateException("A number below zero has no power with a fraction.");
        var power = Math.Pow(a, b);
        return double.IsInfinity(power) && double.IsFinite(a) && double.IsFinite(b) ? throw TooLarge() : power;
    }

    private static (double Quotient, double Remainder) DivideAndRemain(double a, double b)
    {
        var remainder = a % b;
        var quotient = (a - remainder) / b;
        if (remainder != 0 && (b < 0) != (remainder < 0))
        {
            remainder += b;
            quotient -= 1;
        }
        else if (remainder == 0)
            remainder = Math.CopySign(0, b);
        if (quotient == 0)
            return (Math.CopySign(0, a / b), remainder);
        var floor = Math.Floor(quotient);
        return (quotient - floor > 0.5 ? floor + 1 : floor, remainder);
    }

    private static TemplateValue.Text Join(RenderContext context, TemplateValue.Text a, TemplateValue.Text b)
    {
        context.Meter.ChargeChars((long)a.Value.Length + b.Value.Length);
        if (!a.IsMarkup && !b.IsMarkup)
            return new TemplateValue.Text(a.Value + b.Value);
        return new TemplateValue.Text(Markup.Escaped(context, a) + Markup.Escaped(context, b), IsMarkup: true);
    }

    private static TemplateValue.List Join(RenderContext context, TemplateValue.List a, TemplateValue.List b) =>
        context.Made([.. a.Items, .. b.Items], a.IsTuple);

    private static TemplateValue.Text Repeat(RenderContext context, TemplateValue.Text text, BigInteger many)
    {
        var times = text.Value.Length == 0 ? 0 : (int)BigInteger.Min(int.MaxValue, BigInteger.Max(0, many));
        context.Meter.ChargeChars((long)text.Value.Length * times);
        return text with { Value = string.Concat(Enumerable.Repeat(text.Value, times)) };
    }

    private static TemplateValue.List Repeat(RenderContext context, TemplateValue.List list, BigInteger many)
    {
        var times = list.Items.Count == 0 ? 0 : (int)BigInteger.Min(int.MaxValue, BigInteger.Max(0, many));
        context.Meter.ChargeItems((long)list.Items.Count * times);
        return new TemplateValue.List(Enumerable.Repeat(list.Items, times).SelectMany(items => items).ToList(), list.IsTuple);
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : throw TooLarge();

    private static TemplateException DivisionByZero() => new("A number cannot be divided by zero.");

    private static TemplateException TooLarge() => new("The number is too large.");

    private static TemplateException NoNumber(TemplateValue value) => value is TemplateValue.Undefined missing
        ? missing.Fault()
        : new TemplateException($"A value of type {PythonText.TypeName(value)} is not a number.");
}
