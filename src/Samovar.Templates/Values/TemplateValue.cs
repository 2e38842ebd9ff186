using System.Text.Json;

namespace Samovar.Templates.Values;

/// <summary>A value inside a chat template, with the meaning Python gives it. A closed union.</summary>
internal abstract record TemplateValue
{
    private TemplateValue() { }

    /// <summary>
    /// Reads a JSON value; keeps the order of keys and the text of numbers, so that what a model wrote is written back alike.
    /// </summary>
    public static TemplateValue FromJson(JsonElement json) => JsonValues.Read(json);

    public static implicit operator TemplateValue(string text) => new Text(text);

    public static implicit operator TemplateValue(bool flag) => Bool.Of(flag);

    internal sealed record None : TemplateValue
    {
        public static readonly None Value = new();

        private None() { }
    }

    /// <summary>What an unknown name or key gives: empty when printed or walked, an error when used otherwise.</summary>
    internal sealed record Undefined(string Name) : TemplateValue;

    internal sealed record Bool : TemplateValue
    {
        public static readonly Bool True = new(true);
        public static readonly Bool False = new(false);

        private Bool(bool value) => Value = value;

        public bool Value { get; }

        public static Bool Of(bool value) => value ? True : False;
    }

    internal sealed record Int(long Value) : TemplateValue;

    /// <summary>A number with a fraction, or too large for <see cref="Int"/>; <paramref name="Source"/> is its text in JSON.</summary>
    internal sealed record Float(double Value, string? Source = null) : TemplateValue;

    internal sealed record Text(string Value) : TemplateValue
    {
        public static readonly Text Empty = new("");
    }

    /// <summary>A list or a tuple. One that came from outside is frozen: a render must not change what its caller keeps.</summary>
    internal sealed record List(List<TemplateValue> Items, bool IsTuple = false, bool IsFrozen = false) : TemplateValue
    {
        public static List Tuple(params TemplateValue[] items) => new([.. items], IsTuple: true);
    }

    /// <summary>A dict with text keys, in the order of their arrival.</summary>
    internal sealed record Map(OrderedDictionary<string, TemplateValue> Entries, bool IsFrozen = false) : TemplateValue
    {
        /// <summary>A frozen map for a caller to hand in, such as one message.</summary>
        public static Map Of(params ReadOnlySpan<(string Key, TemplateValue Value)> entries)
        {
            var map = new OrderedDictionary<string, TemplateValue>(entries.Length, StringComparer.Ordinal);
            foreach (var (key, value) in entries)
                map[key] = value;
            return new Map(map, IsFrozen: true);
        }
    }

    /// <summary>What <c>namespace()</c> gives: the one thing whose attributes a template may set from inside a loop.</summary>
    internal sealed record Namespace(Dictionary<string, TemplateValue> Attributes) : TemplateValue;

    internal sealed record Loop(LoopState State) : TemplateValue;

    internal sealed record Callable(string Name, Func<RenderContext, CallArguments, TemplateValue> Invoke) : TemplateValue;
}
