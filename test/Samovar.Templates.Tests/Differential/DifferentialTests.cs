using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Testing;

namespace Samovar.Templates.Tests.Differential;

/// <summary>Random templates give what Debian's Jinja2 gives: the same output, or a fault in both.</summary>
/// <remarks><c>JINJA_TEMPLATES</c> sets how many, <c>JINJA_SEED</c> which.</remarks>
public sealed class DifferentialTests
{
    private const int TemplatesUsual = 4000;
    private const int Shown = 40;

    [Fact]
    public async Task RandomTemplates_GiveWhatJinjaGives()
    {
        Assert.SkipUnless(JinjaReference.IsInstalled(), "python3-jinja2 is missing.");
        var random = new Random(Asked.Number("JINJA_SEED", 1));
        var cases = new List<JinjaCase>();
        for (var left = Asked.Number("JINJA_TEMPLATES", TemplatesUsual); left > 0; left--)
            cases.Add(new JinjaCase(new RandomTemplates(random).Next(), new RandomContexts(random).Next()));
        var answers = await JinjaReference.AnswerAsync(cases);
        var report = new StringBuilder();
        var (equal, rendered) = (0, 0);
        for (var at = 0; at < cases.Count; at++)
        {
            var (ours, theirs) = (Outcome(cases[at]), Outcome(answers[at]));
            rendered += theirs.StartsWith("output", StringComparison.Ordinal) ? 1 : 0;
            if (KnownDifferences.AreAlike(cases[at].Template, ours, theirs))
                equal++;
            else if (at - equal < Shown)
                report.AppendLine(JsonSerializer.Serialize(cases[at].Template)).Append("  in ")
                    .AppendLine(cases[at].Variables.ToJsonString())
                    .Append("  ours   ").AppendLine(ours).Append("  Jinja2 ").AppendLine(theirs).AppendLine(answers[at]["why"]?.ToString());
        }
        TestContext.Current.SendDiagnosticMessage($"{equal} of {cases.Count} alike, {rendered} of them rendered");
        Assert.True(equal == cases.Count, $"{equal} of {cases.Count} alike, {rendered} rendered.\n{report}");
        Assert.InRange(rendered, cases.Count / 4, cases.Count);
    }

    private static string Outcome(JinjaCase one) => Cases.Outcome(
        one.Template, one.Variables.ToDictionary(pair => pair.Key, pair =>
            TemplateJson.Read(JsonSerializer.SerializeToElement(pair.Value))));

    private static string Outcome(JsonObject answer) => answer["output"] is { } output ? "output: " + output.GetValue<string>()
        : answer["refused"] is { } refused ? "refused: " + refused.GetValue<string>() : "fault: " + answer["fault"]!.GetValue<string>();
}
