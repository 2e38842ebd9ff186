namespace Samovar.Grammars.Rules;

/// <summary>A rule that describes a part of JSON and is the same in every grammar.</summary>
internal sealed class JsonRule(string name, string body, Func<JsonRule[]>? needs = null)
{
    /// <summary>At most one space, or one line end with an indent: a model cannot fill its answer with white space.</summary>
    public static readonly JsonRule Space = new("ws", "(\" \" | \"\\n\" [ \\t]{0,20})?");

    /// <summary>One code point of a text; a surrogate by its number is left out, as two of them would be one code point.</summary>
    public static readonly JsonRule Character = new(
        "char",
        "[^\\x22\\x5C\\x00-\\x1F\\x7F] | \"\\\\\" ([\\x22\\x5C/bfnrt] | \"u\" unit)",
        () => [Unit!]);

    public static readonly JsonRule Text = new("string", "\"\\\"\" char* \"\\\"\"", () => [Character]);
    public static readonly JsonRule Integer = new("integer", "\"-\"? natural");
    public static readonly JsonRule Natural = new("natural", "\"0\" | [1-9] [0-9]{0,17}");
    public static readonly JsonRule Fraction = new("fraction", "\".\" [0-9]{1,17}");
    public static readonly JsonRule Number = new(
        "number", "\"-\"? natural fraction? ([eE] [+\\x2D]? [0-9]{1,3})?", () => [Natural, Fraction]);

    public static readonly JsonRule Boolean = new("boolean", "\"true\" | \"false\"");
    public static readonly JsonRule Null = new("null", "\"null\"");
    public static readonly JsonRule Value = new(
        "value", "object | array | string | number | boolean | null", () => [Object!, Array!, Text, Number, Boolean, Null]);

    public static readonly JsonRule Object = new(
        "object", "\"{\" ws (member (ws \",\" ws member)* ws)? \"}\"", () => [Space, Member!]);

    public static readonly JsonRule Array = new(
        "array", "\"[\" ws (value (ws \",\" ws value)* ws)? \"]\"", () => [Space, Value]);

    private static readonly JsonRule Member = new("member", "string ws \":\" ws value", () => [Space, Text, Value]);
    private static readonly JsonRule Unit = new("unit", "[0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2}");

    public string Name => name;

    public string Body => body;

    public JsonRule[] Needs() => needs?.Invoke() ?? (ReferenceEquals(this, Integer) ? [Natural] : []);
}
