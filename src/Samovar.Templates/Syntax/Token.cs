namespace Samovar.Templates.Syntax;

internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Text,
    Int,
    Float,
    Operator,
    End,
}

/// <summary>One piece of a template's source; <paramref name="Offset"/> is its place there.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Offset)
{
    public bool IsOperator(string text) => Kind == TokenKind.Operator && string.Equals(Text, text, StringComparison.Ordinal);

    public bool IsName(string text) => Kind == TokenKind.Name && string.Equals(Text, text, StringComparison.Ordinal);

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.VariableEnd or TokenKind.BlockEnd => "the end of the tag",
        TokenKind.Data or TokenKind.VariableBegin or TokenKind.BlockBegin => "text outside of a tag",
        _ => $"'{Text}'",
    };
}
