using System.Text;

namespace Samovar.Grammars.Rules;

/// <summary>A finished grammar in libllama's GBNF: the rule <c>root</c> and what it needs.</summary>
internal sealed record GrammarText(string Root, IReadOnlyList<KeyValuePair<string, string>> Rules)
{
    public override string ToString()
    {
        var text = new StringBuilder("root ::= ").Append(Root).Append('\n');
        foreach (var (name, body) in Rules)
            text.Append(name).Append(" ::= ").Append(body).Append('\n');
        return text.ToString();
    }
}
