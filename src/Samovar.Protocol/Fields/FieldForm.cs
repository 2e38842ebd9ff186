using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Fields;

/// <summary>The values that a field may have. Null counts as absent everywhere.</summary>
internal abstract record FieldForm
{
    private protected FieldForm() { }

    /// <summary>For people.</summary>
    public abstract string Description { get; }

    /// <summary>The JSON types that a value may have, as an error names them.</summary>
    public virtual string Types => "a string";

    /// <summary>Checks the current value and ends on its last token.</summary>
    public abstract void Check(ref JsonCursor json);

    private protected static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One of a few words.</summary>
internal sealed record WordForm(params string[] Words) : FieldForm
{
    public override string Description => string.Join(", ", Words.Select(word => $"`{word}`"));
    public string? Read(ref JsonCursor json) => json.OptionalWord(Words);
    public override void Check(ref JsonCursor json) => Read(ref json);
}

/// <summary>A text, or a name that may have any characters.</summary>
/// <param name="CharsMax">From the bounds in force.</param>
internal sealed record TextForm(Func<ProtocolLimits, int> CharsMax, int CharsMin = 0) : FieldForm
{
    public override string Description
    {
        get
        {
            var most = CharsMax(ProtocolLimits.Default).ToString("#,0", CultureInfo.InvariantCulture);
            return CharsMin == 0 ? $"text of at most {most} characters" : $"text of {CharsMin} to {most} characters";
        }
    }

    public string? Read(ref JsonCursor json) => json.IsNull ? null : json.Text(CharsMax(json.Limits), CharsMin);
    public override void Check(ref JsonCursor json) => Read(ref json);
}

/// <summary>A name of letters, digits, <c>_</c> and <c>-</c>: what function calling knows.</summary>
internal sealed record NameForm(Func<ProtocolLimits, int> CharsMax) : FieldForm
{
    public override string Description => $"1 to {CharsMax(ProtocolLimits.Default)} letters, digits, `_`, `-`";
    public override void Check(ref JsonCursor json) => Read(ref json);

    public string? Read(ref JsonCursor json)
    {
        if (json.IsNull) return null;
        if (!json.Limits.ChecksValues) return json.NameText();
        var name = json.Text(CharsMax(json.Limits), charsMin: 1);
        return IsName(name) ? name : throw json.Fail(NotAName, json.Path);
    }

    private static bool IsName(string text) => text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-');
}

/// <summary>True or false.</summary>
/// <param name="IsOffered">False: only false is allowed.</param>
internal sealed record FlagForm(bool IsOffered = true) : FieldForm
{
    public override string Description => IsOffered ? "`true`, `false`" : "`false`; `true` is refused";
    public override string Types => "a boolean";
    public override void Check(ref JsonCursor json) => Read(ref json);

    public bool? Read(ref JsonCursor json)
    {
        var isOn = json.OptionalBool();
        return isOn == true && !IsOffered ? throw json.Fail(UnsupportedParameter, json.Path) : isOn;
    }
}

/// <summary>A whole number.</summary>
/// <param name="Min">From the bounds in force.</param>
internal sealed record IntegerForm(Func<ProtocolLimits, long> Min, long Max) : FieldForm
{
    public IntegerForm(long min, long max = int.MaxValue) : this(_ => min, max) { }

    public override string Description
    {
        get
        {
            var least = Min(ProtocolLimits.Default);
            var bounds = (least, Max) switch
            {
                (long.MinValue, _) => "",
                (_, int.MaxValue) => $" from {least}",
                _ when least == Max => $" {least}",
                _ => $" from {least} to {Max}",
            };
            return "whole number" + bounds;
        }
    }

    public override string Types => "an integer";

    /// <summary>Under the bounds that are in force where nothing else is said.</summary>
    public (long Min, long Max) Bounds => (Min(ProtocolLimits.Default), Max);
    public long? Read(ref JsonCursor json) => json.OptionalInteger(Min(json.Limits), Max);
    public int? ReadInt(ref JsonCursor json) => (int?)Read(ref json);
    public override void Check(ref JsonCursor json) => Read(ref json);
}

/// <summary>A number.</summary>
internal sealed record NumberForm(double Min, double Max) : FieldForm
{
    public override string Description => $"number from {Number(Min)} to {Number(Max)}";
    public override string Types => "a number";
    public double? Read(ref JsonCursor json) => json.OptionalNumber(Min, Max);
    public override void Check(ref JsonCursor json) => Read(ref json);
}

/// <summary>An object; what is in it has rows of its own, or is kept as it came.</summary>
internal sealed record ObjectForm : FieldForm
{
    public override string Description => "object";
    public override string Types => "an object";

    public override void Check(ref JsonCursor json)
    {
        if (json.IsNull) return;
        json.Expect(JsonTokenType.StartObject, "an object");
        json.Skip();
    }
}

/// <summary>A JSON Schema of what a call brings along: of an object, or one that does not say.</summary>
internal sealed record ArgumentsForm : FieldForm
{
    private const string Wanted = "object";

    public override string Description => "object (a JSON Schema; its `type` is `object`, where it has one)";
    public override string Types => "an object";
    public override void Check(ref JsonCursor json) => Read(ref json);

    public static RawJson Read(ref JsonCursor json)
    {
        if (json.IsNull) return default;
        json.Expect(JsonTokenType.StartObject, "an object");
        var ahead = json;
        if (json.Limits.ChecksValues) CheckType(ref ahead);
        return json.ObjectRaw();
    }

    /// <summary>Goes no further than the type, which mostly comes first.</summary>
    private static void CheckType(ref JsonCursor ahead)
    {
        while (ahead.NextField())
        {
            var isType = ahead.Name.SequenceEqual("type"u8);
            ahead.Read();
            if (!isType)
            {
                ahead.Skip();
                continue;
            }
            if (ahead.IsNull || ahead.Raw() is var type && NamesObject(type)) return;
            ahead.Push("type");
            throw ahead.Fail(InvalidValue, type.AsText() ?? type.ToString(), $"'{Wanted}'");
        }
    }

    private static bool NamesObject(RawJson type) =>
        type.AsText() == Wanted || type.Elements().Any(one => one.AsText() == Wanted);
}

/// <summary>An array.</summary>
/// <param name="Element">What each of its values is.</param>
/// <param name="CountMax">From the bounds in force.</param>
internal sealed record ListForm(FieldForm Element, Func<ProtocolLimits, int> CountMax) : FieldForm
{
    public override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"array of at most {CountMax(ProtocolLimits.Default):#,0}: {Element.Description}");

    public override string Types => "an array";

    public override void Check(ref JsonCursor json)
    {
        if (json.IsNull) return;
        json.Each(CountMax(json.Limits), Element, static (ref json, element) =>
        {
            if (json.IsNull) throw json.WrongType(element.Types);
            element.Check(ref json);
        });
    }
}

/// <summary>A value of one of two types.</summary>
internal sealed record EitherForm(FieldForm First, FieldForm Second) : FieldForm
{
    public override string Description => $"{First.Description}; or {Second.Description}";
    public override string Types => $"{First.Types} or {Second.Types}";

    public override void Check(ref JsonCursor json)
    {
        if (json.IsNull) return;
        var type = json.Token switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => "a string",
            _ => throw json.WrongType(Types),
        };
        (First.Types == type ? First : Second.Types == type ? Second : throw json.WrongType(Types)).Check(ref json);
    }
}

/// <summary>Anything at all: nothing here reads it.</summary>
internal sealed record AnyForm : FieldForm
{
    public override string Description => "anything";
    public override void Check(ref JsonCursor json) => json.Skip();
}

/// <summary>Nothing that would ask for something: null and an empty array.</summary>
internal sealed record RefusedForm : FieldForm
{
    public override string Description => "nothing: refused";

    public override void Check(ref JsonCursor json)
    {
        var path = json.Path;
        if (json.IsNull) return;
        if (!json.Raw().Utf8.Span.SequenceEqual("[]"u8)) throw json.Fail(UnsupportedParameter, path);
    }
}
