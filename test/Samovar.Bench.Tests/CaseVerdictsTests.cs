using Samovar.Bench.Workloads.Cases;

namespace Samovar.Bench.Tests;

/// <summary>What makes a case right or wrong.</summary>
public sealed class CaseVerdictsTests
{
    private const string Case = "json-for-stream--chat-plain-json-answer";

    [Fact]
    public void Outcome_IsRight_WhereItSaysWhatItMust() => Assert.Equal([], CaseVerdicts.Read().Judge(
        Case, """{"status": "completed", "output": [{"content": ["hello"]}], "usage": [3, 0, 1, 0]}"""));

    [Theory]
    [InlineData("""{"status": "failed"}""")]
    [InlineData("""{"content": ["hello"], "usage": null}""")]
    [InlineData("""{"content": ["hello"], "usage": [3, 0, 1, 0]} BAD: delta after done""")]
    public void Outcome_IsWrong_WhereSomethingIsMissingOrMustNotBeThere(string outcome) =>
        Assert.NotEmpty(CaseVerdicts.Read().Judge(Case, outcome)!);

    [Fact]
    public void Case_WithoutAVerdict_IsNeitherRightNorWrong() => Assert.Null(CaseVerdicts.Read().Judge("nobody-knows-it", ""));
}
