using System.Collections.Frozen;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Lark;

/// <summary>The terminals of Lark's module <c>common</c>; those with a lookbehind are written without it and admit the same texts.</summary>
internal static class LarkCommon
{
    private const string Source =
        """
        DIGIT: "0".."9"
        HEXDIGIT: "a".."f" | "A".."F" | DIGIT
        INT: DIGIT+
        SIGNED_INT: ["+" | "-"] INT
        DECIMAL: INT "." INT? | "." INT
        _EXP: ("e" | "E") SIGNED_INT
        FLOAT: INT _EXP | DECIMAL _EXP?
        SIGNED_FLOAT: ["+" | "-"] FLOAT
        NUMBER: FLOAT | INT
        SIGNED_NUMBER: ["+" | "-"] NUMBER
        ESCAPED_STRING: "\"" /([^"\\\n]|\\[^\n])*/ "\""
        LCASE_LETTER: "a".."z"
        UCASE_LETTER: "A".."Z"
        LETTER: UCASE_LETTER | LCASE_LETTER
        WORD: LETTER+
        CNAME: ("_" | LETTER) ("_" | LETTER | DIGIT)*
        WS_INLINE: (" " | /\t/)+
        WS: /[ \t\f\r\n]/+
        CR: /\r/
        LF: /\n/
        NEWLINE: (CR? LF)+
        NL: (CR? LF)+
        SH_COMMENT: /#[^\n]*/
        CPP_COMMENT: "//" /[^\n]*/
        C_COMMENT: "/*" /([^*]|[*]+[^*\/])*[*]+/ "/"
        SQL_COMMENT: "--" /[^\n]*/
        """;

    private static readonly FrozenDictionary<string, LarkNode> All =
        LarkParser.Read(Source, "", new GrammarWork(GrammarLimits.Default, CancellationToken.None)).All.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool Has(string name) => All.ContainsKey(name);

    public static LarkNode Find(string name) => All[name];

    /// <summary>A terminal and those that it is made of.</summary>
    public static IReadOnlyCollection<string> Needed(string name)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        Add(name);
        return needed;

        void Add(string one)
        {
            if (!needed.Add(one))
                return;
            foreach (var inner in LarkAnalysis.Names(All[one]))
                Add(inner);
        }
    }
}
