using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Writes the rule for a property name that is not declared, character by character.</summary>
/// <remarks>While a name could still become a declared one no escape is admitted, as it could spell that name in another way.</remarks>
internal sealed class OtherNames(GrammarRules rules)
{
    public string Write(string[] names)
    {
        if (names.Any(name => name.Length > rules.Limits.NameCharsMax))
            throw SchemaFaultException.Invalid("", $"Beside additionalProperties a name has up to {rules.Limits.NameCharsMax} characters.");
        return rules.Define("name", $"\"\\\"\" {After(names, at: 0)} \"\\\"\"");
    }

    /// <param name="names">The declared names that begin with what has been written.</param>
    /// <param name="at">How much has been written.</param>
    private string After(string[] names, int at)
    {
        rules.Work.Take(names.Length);
        var text = rules.Use(JsonRule.Character) + "*";
        var next = names.Where(name => name.Length > at).GroupBy(name => char.ConvertToUtf32(name, at)).ToArray();
        var others = CharacterSet.PlainInJson.Without(CharacterSet.Of(next.Select(group => group.Key)));
        var alternatives = new List<string> { $"{others.ToClass()} {text}" };
        if (!names.Any(name => name.Length == at))
            alternatives.Add("\"\"");
        foreach (var group in next.Where(group => CharacterSet.PlainInJson.Contains(group.Key)))
        {
            var one = char.ConvertFromUtf32(group.Key);
            alternatives.Add($"{Gbnf.Literal(one)} {After([.. group], at + one.Length)}");
        }
        return rules.Define("name-part", Gbnf.Choice(alternatives));
    }
}
