namespace Samovar.Templates.Values;

/// <summary>Takes values as numbers, as Python does.</summary>
internal static class Numbers
{
    /// <summary>The value as a whole number, which true and false are too; null if it is not a number.</summary>
    public static long? Whole(TemplateValue value) => value switch
    {
        TemplateValue.Int whole => whole.Value,
        TemplateValue.Bool flag => flag.Value ? 1 : 0,
        _ => null,
    };

    /// <summary>The value as a number with a fraction; null if it is not a number.</summary>
    public static double? Fraction(TemplateValue value) => value is TemplateValue.Float number ? number.Value : Whole(value);
}
