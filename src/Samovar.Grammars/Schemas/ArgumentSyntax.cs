namespace Samovar.Grammars.Schemas;

/// <summary>Arguments that are no JSON object: each between marks, or as keywords of a call.</summary>
/// <param name="Open">Before the first.</param>
/// <param name="BeforeKey">Before each key.</param>
/// <param name="BeforeText">Between a key and a text.</param>
/// <param name="AfterText">Behind a text; <see cref="KeyPlace"/> in it is the key again.</param>
/// <param name="BeforeOther">Between a key and a value that is no text, which is written as JSON.</param>
/// <param name="AfterOther">Behind such a value.</param>
/// <param name="Separator">Between two.</param>
/// <param name="Close">Behind the last.</param>
/// <param name="TextsAreJson">Whether texts are quoted as in JSON, too.</param>
internal sealed record ArgumentSyntax(
    string Open, string BeforeKey, string BeforeText, string AfterText, string BeforeOther, string AfterOther, string Separator,
    string Close, bool TextsAreJson)
{
    public const char KeyPlace = '\0';
}
