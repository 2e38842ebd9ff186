using System.Text.Json;
using Samovar.Templates.Values;

namespace Samovar.Templates.Tests;

/// <summary>Whole templates and single expressions give what the reference gave when the cases were recorded.</summary>
public sealed class ConformanceTests
{
    private static readonly Dictionary<string, TemplateValue> Variables = Cases.Variables("variables.json");

    public static IEnumerable<TheoryDataRow<string, string>> Expressions() =>
        from recorded in Cases.Json("expressions.json").EnumerateArray()
        select new TheoryDataRow<string, string>(recorded.GetProperty("template").GetString()!, Cases.Expected(recorded));

    public static IEnumerable<TheoryDataRow<string, string, string>> Conversations() =>
        from recorded in Cases.Json("rendered.json").EnumerateArray()
        select new TheoryDataRow<string, string, string>(
            Name(recorded, "template"), Name(recorded, "conversation"), Cases.Expected(recorded));

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Expression_GivesWhatTheReferenceGives(string source, string expected) =>
        Assert.Equal(WithOurLeniency(source, expected), Cases.Outcome(source.Replace('\u23CE', '\n'), Variables));

    public static IEnumerable<TheoryDataRow<string, string, string>> Constructs() =>
        from recorded in Cases.Json("constructs.json").EnumerateArray()
        select new TheoryDataRow<string, string, string>(
            recorded.GetProperty("template").GetString()!, recorded.GetProperty("variables").GetRawText(), Cases.Expected(recorded));

    /// <summary>One of each kind that templates were found to differ in.</summary>
    [Theory]
    [MemberData(nameof(Constructs))]
    public void Construct_GivesWhatTheReferenceGives(string source, string variables, string expected) =>
        Assert.Equal(expected, Cases.Outcome(source, Cases.Read(JsonDocument.Parse(variables).RootElement)));

    [Theory]
    [MemberData(nameof(Conversations))]
    public void Conversation_RendersAsInTheReference(string template, string conversation, string expected) =>
        Assert.Equal(expected, Cases.Outcome(
            Cases.Text($"templates/{template}.jinja"), Cases.Variables($"conversations/{conversation}.json")));

    private static string Name(JsonElement recorded, string property) => recorded.GetProperty(property).GetString()!;

    /// <summary>On purpose, unknown filters and tests fail when they are reached.</summary>
    private static string WithOurLeniency(string source, string expected) => source switch
    {
        "{{ n is zzz }}" or "{{ n | zzz }}" => "fault: render",
        _ => expected,
    };
}
