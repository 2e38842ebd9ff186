using Samovar.Templates.Values;

namespace Samovar.Templates.Syntax;

/// <summary>Walks over a template's tokens for the parsers, and places their errors.</summary>
internal sealed class TokenReader(string source, List<Token> tokens)
{
    /// <summary>How deep expressions and blocks may stand inside each other in the source.</summary>
    public const int DepthMax = 100;

    private int _at;
    private int _depth;

    /// <summary>The names that expressions have read so far.</summary>
    public HashSet<string> Used { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Filters and tests that are not known, each with its place.</summary>
    public List<string> Unknown { get; } = [];

    public void NoteUnknown(string what, int offset) =>
        Unknown.Add(new TemplateException($"The {what} is not known.").At(source, offset).Message);

    public Token Current => tokens[_at];

    public Token Ahead => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public Token Next()
    {
        var token = tokens[_at];
        if (_at < tokens.Count - 1)
            _at++;
        return token;
    }

    public bool SkipOperator(string text) => Skip(Current.IsOperator(text));

    public bool SkipName(string text) => Skip(Current.IsName(text));

    public Token ExpectOperator(string text) => Current.IsOperator(text) ? Next() : throw Unexpected($"'{text}'");

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Next() : throw Unexpected(what);

    public string ExpectIdentifier() => Expect(TokenKind.Name, "a name").Text;

    public TemplateException Unexpected(string expected) => Fail($"Expected {expected}, found {Current}.");

    public TemplateException Fail(string reason) => new TemplateException(reason).At(source, Current.Offset);

    public void Enter()
    {
        if (++_depth > DepthMax)
            throw Fail($"The template nests more than {DepthMax} levels deep.");
    }

    public void Leave() => _depth--;

    private bool Skip(bool matches)
    {
        if (matches)
            Next();
        return matches;
    }
}
