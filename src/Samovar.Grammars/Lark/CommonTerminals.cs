using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Lark;

/// <summary>The terminals of Lark's module <c>common</c>; those with a lookbehind are written without it and admit the same
/// texts.</summary>
internal static class CommonTerminals
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

    public static readonly LarkDefinitions All =
        LarkParser.Read(Source, "", new GrammarWork(GrammarLimits.Default, CancellationToken.None), new LarkDefinitions());
}
