using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Samovar.Server.Settings;

/// <summary>What one value may be: its type and the attributes of its property.</summary>
internal sealed class SettingKind(Type type, PropertyInfo property)
{
    private const int ShownCharsMax = 100;
    private readonly Type _type = Nullable.GetUnderlyingType(type) ?? type;

    public static bool IsValue(Type type) => type == typeof(string) || (Nullable.GetUnderlyingType(type) ?? type).IsValueType;

    /// <summary>What it must be, for a sentence that begins with its name.</summary>
    public string Expected
    {
        get
        {
            var range = property.GetCustomAttribute<RangeAttribute>();
            if (range is not null) range.IsValid(null); // turns its bounds from text into values
            var bounds = range is null ? "" : IsOpen(range.Maximum) ? $" from {Text(range.Minimum)} on"
                : $" between {Text(range.Minimum)} and {Text(range.Maximum)}";
            if (_type == typeof(bool)) return "true or false";
            if (_type == typeof(TimeSpan)) return $"a time span{bounds} as days.hours:minutes:seconds";
            if (_type == typeof(string)) return ExpectedText();
            return (_type == typeof(double) || _type == typeof(float) ? "a number" : "a whole number") + bounds;
        }
    }

    /// <summary>What is wrong with it; null if nothing is.</summary>
    public string? FaultOf(string text)
    {
        if (text.Length == 0 && Nullable.GetUnderlyingType(type) is not null) return null;
        if (text.Length == 0 && property.IsDefined(typeof(RequiredAttribute))) return "must not be empty";
        return Read(text) is { } value && IsAllowed(value) ? null : $"must be {Expected}, not {Shown(text)}";
    }

    public static string Shown(string text) => $"'{(text.Length <= ShownCharsMax ? text : text[..ShownCharsMax] + "…")}'";

    private object? Read(string text)
    {
        if (_type == typeof(string)) return text;
        try { return TypeDescriptor.GetConverter(_type).ConvertFromInvariantString(text); }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>An empty text matches every pattern for the attributes, but is none of the words.</summary>
    private bool IsAllowed(object value) => property.GetCustomAttributes<ValidationAttribute>()
        .All(rule => rule.IsValid(value) && !(rule is RegularExpressionAttribute && value is ""));

    private string ExpectedText()
    {
        if (property.GetCustomAttribute<RegularExpressionAttribute>()?.Pattern is { } pattern)
            return "one of " + string.Join(", ", pattern.Trim('^', '$', '(', ')').Split('|'));
        return property.GetCustomAttribute<StringLengthAttribute>() is { } length
            ? string.Create(CultureInfo.InvariantCulture, $"a text of at most {length.MaximumLength} characters") : "a text";
    }

    private static bool IsOpen(object bound) => bound is int.MaxValue or >= (double)long.MaxValue;

    private static string Text(object bound) => Convert.ToString(bound, CultureInfo.InvariantCulture) ?? "";
}
