using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Testing.Grammars;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>
/// A call that the model begins of its own will is held to what is offered, and what its parser does not read as a call is left free.
/// </summary>
public sealed class HeldCallTests
{
    private const string Call = "<tool_call>\n{\"name\": \"find\", \"arguments\": {\"a\": 1}}\n</tool_call>";

    public static TheoryData<string> ThinkingFamilies => UnendedThoughtTests.Families;

    public static TheoryData<string> Families => FamilyGrammarTests.Families;

    /// <summary>What speaks of calls, and is none.</summary>
    public static TheoryData<string> Words =>
    [
        "<think>\nI have to answer within <tool_call>, so <tool_call>\n{\"name\": \"\n</think>\n\nHi.",
        $"<think>\nAs in {Call}, or\n{Call.Replace("find", "nothing", StringComparison.Ordinal)}\n</think>\n\nHi.",
        "Use `<tool_call>` for it.", "<tool_call> is the tag.", "It is <tool_call>\n{\"arguments\": …}\n</tool_call>.",
        $"So:\n```\n{Call}\n```\nIs it right?", $"  ```xml\n{Call} and <tool_call>\n{{\"name\": \"no", "```\n<tool_call>\n```",
    ];

    [Theory, MemberData(nameof(Words))]
    public async Task WordsThatSpeakOfACall_AreFree_AndNoCall(string written)
    {
        var (held, dialect) = await HeldAsync(Backends.Embedded.Families.Reasoning, Offered);
        Assert.True(held.Accepts(written));
        Assert.False(held.Binds(written));
        Assert.DoesNotContain("call ", DialectFixtures.Read(dialect, "", [written], Catalog), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""), InlineData("I look.\n"), InlineData("<think>\nhm <tool_call>\n</think>\n\n"), InlineData("```\ncode\n```\n")]
    [InlineData("a ``` b\n"), InlineData("The tag <think> and "), InlineData("```<tool_call>\n```\n<tool_call> is it: ")]
    public async Task Call_IsHeldToWhatIsOffered_WhateverStandsBeforeIt(string before)
    {
        var (held, dialect) = await HeldAsync(Backends.Embedded.Families.Reasoning, Offered);
        foreach (var call in (string[])
        [
            Call, Call.Replace("\n", "", StringComparison.Ordinal), Call.Replace("\n{", " \n{", StringComparison.Ordinal),
            Call.Replace("e\": \"", "e\":\"", StringComparison.Ordinal),
        ])
        {
            var head = before + call[..call.IndexOf("find", StringComparison.Ordinal)];
            Assert.True(held.Binds(head));
            Assert.False(held.Begins(head + "fond"));
            Assert.True(held.Accepts(head + Call[Call.IndexOf("find", StringComparison.Ordinal)..]));
            Assert.EndsWith("call find: {\"a\":1}", DialectFixtures.Read(dialect, "", [before + call], Catalog), StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(ThinkingFamilies))]
    public async Task ThoughtThatSpeaksOfCalls_IsFree_AndTheCallBehindItIsHeld(string name)
    {
        var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name);
        var (held, dialect) = await HeldAsync(DialectFixtures.Family(family), new { input = "q", tools = FamilyGrammarTests.Tools });
        var (part, marks) = (dialect.Thoughts[0], MarkTable.Of(dialect).CallTexts.Where(mark => mark.Length > 0).ToList());
        var call = family.GetProperty("outputs").GetProperty("call").GetString()!;
        call = call[marks.Select(mark => call.IndexOf(mark, StringComparison.Ordinal)).Where(at => at >= 0).Min()..];
        foreach (var open in (string[])[part.Open, ""])
        {
            var thought = $"{open}It is {call.Trim()} or {string.Join(" or ", marks)} so.";
            if (open.Length == 0 && !held.Accepts(thought)) continue; // no prompt has begun it
            Assert.True(held.Accepts(thought + part.Close + "\n\nYes."), thought);
            Assert.True(held.Binds(thought + part.Close + part.Behind + call), thought);
        }
    }

    [Theory, MemberData(nameof(Families))]
    public async Task StrictCall_IsHeldInEveryFamily_AndMarksThatArePlainMayBeSpokenOf(string name)
    {
        var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name);
        var (held, dialect) = await HeldAsync(DialectFixtures.Family(family), new { input = "q", tools = FamilyGrammarTests.Tools });
        var call = family.GetProperty("outputs").GetProperty("call").GetString()!;
        Assert.True(held.Binds(call) || held.Binds(dialect.Thoughts[0].Close + call)); // where the prompt has begun a thought
        var tags = MarkTable.Of(dialect).CallTexts.Where(mark => !MarkText.IsToken(mark) && mark.Count(one => one == '<') == 1);
        foreach (var mark in tags)
            Assert.True(held.Accepts($"It is `{mark}` or {mark}, so\n{mark}\nand {{\"name\": \"Laura\"}}."), mark);
    }

    [Theory]
    [InlineData("arguments"), InlineData("type"), InlineData("id"), InlineData("function"), InlineData("thought"), InlineData("a")]
    public async Task StrictCall_IsBegunWithItsName(string key)
    {
        var strict = new { type = "function", name = "find", strict = true, parameters = new { type = "object" } };
        var (held, _) = await HeldAsync(Backends.Embedded.Families.Reasoning, new { input = "q", tools = new[] { strict } });
        Assert.False(held.Begins($"<tool_call>\n{{\"{key}"));
        Assert.True(held.Begins("<tool_call>\n{\"name\": \"find\""));
        Assert.True(held.Begins($"<think>\nSo <tool_call>\n{{\"{key}\""));
        Assert.True(held.Begins($"It is {{\"{key}\": 1}}"));
    }

    [Fact]
    public async Task ObjectThatIsNoCall_IsFree_WhereCallsHaveNoMark()
    {
        var (held, _) = await HeldAsync(Backends.Embedded.Families.Headers, new { input = "q", tools = FamilyGrammarTests.Tools });
        Assert.True(held.Accepts("{\"name\": \"Laura\"}"));
        Assert.True(held.Accepts("It is {\"name\": \"lookup\", \"b\": 1}"));
        Assert.True(held.Accepts("```\n{\"name\": \"lookup\", \"b\": 1}\n```"));
        Assert.False(held.Begins("{\"name\": \"lookup\", \"parameters\": {\"b\""));
        Assert.False(held.Begins("I look.\n {\"name\": \"lookup\", \"parameters\": {\"b\""));
    }

    private static readonly object Offered = new { input = "q", tools = new[] { Talk.Function("find") } };

    private static readonly ToolCatalog Catalog = ToolCatalog.Empty.With(Talk.Request(Offered).Tools!);

    private static async Task<(GrammarRun Held, ModelDialect Dialect)> HeldAsync(Family family, object body)
    {
        var talk = new Talk(family);
        await talk.AskAsync(null, body);
        var sampling = talk.Engine.Turns[^1].Sampling;
        return (new GrammarRun(sampling.Grammar!, triggers: sampling.GrammarTriggers), talk.Backend.Model.Writes);
    }
}
