using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Testing;
using static Samovar.Tests.Backends.Embedded.WarmAndCold;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What a continuation renders is the end of what the whole conversation would be, whatever its template looks at.</summary>
public sealed class CertificateTests
{
    private const int Turns = 8;
    private const string Plain = "{%- for m in messages -%}<|a|>{{ m.role + '\n' }}{{- m.content }}<|z|>\n{%- endfor -%}";
    private const string Open = "{%- if add_generation_prompt -%}<|a|>{{- 'assistant\n' -}}{%- endif -%}";

    private static readonly object[] Tools = [Talk.Function("find"), Talk.Function("open_it")];

    /// <summary>Random turns to run: many of them in a run of their own.</summary>
    private static int TurnsWanted =>
        Asked.Number("CERTIFICATE_TURNS", 4000);

    /// <summary>A template with one thing that it looks at; a conversation in which that changes.</summary>
    [Theory]
    [InlineData("the system text",
        "{%- if messages[0].role == 'system' and '/no' in messages[0].content -%}[x]{%- endif -%}",
        "Be brief. /no", "a", "b", "c")]
    [InlineData("the first question", "{%- if '/no' in messages[0].content -%}[x]{%- endif -%}", null, "a /no", "b", "c")]
    [InlineData("a question between",
        "{%- for m in messages if m.role == 'user' and '/no' in m.content -%}{%- if loop.last -%}[x]{%- endif -%}"
        + "{%- endfor -%}",
        null, "a", "b /no", "c", "d")]
    [InlineData("the newest question", "{%- if '/no' in messages[-1].content -%}[x]{%- endif -%}", null, "a", "b", "c /no", "d")]
    [InlineData("the newest of two marks",
        "{%- set ns = namespace(on=true) -%}{%- for m in messages -%}{%- if '/no' in m.content -%}"
        + "{%- set ns.on = false -%}{%- elif '/yes' in m.content -%}{%- set ns.on = true -%}{%- endif -%}{%- endfor -%}"
        + "{%- if not ns.on -%}[x]{%- endif -%}",
        null, "a", "b /no", "c", "d /yes", "e")]
    [InlineData("how many messages", "{%- if messages | length > 8 -%}[x]{%- endif -%}", null, "a", "b", "c", "d", "e", "f", "g")]
    [InlineData("how many questions",
        "{%- if messages | selectattr('role', 'equalto', 'user') | list | length == 5 -%}[x]{%- endif -%}",
        null, "a", "b", "c", "d", "e", "f", "g")]
    [InlineData("the length of a text",
        "{%- if messages[0].content | length > 20 -%}[x]{%- endif -%}",
        null, "a question of more than twenty letters", "b", "c")]
    [InlineData("the system text, again", "{{- messages[0].content -}}", "Be brief.", "a", "b", "c")]
    [InlineData("a part of the first question", "{{- messages[0].content.split('|')[1] -}}", null, "a|note|", "b", "c")]
    [InlineData("how many", "{{- messages | length -}}", null, "a", "b", "c")]
    public async Task Continuation_EndsAsTheWhole_WhereTheOpeningFollows(
        string what, string opening, string? instructions, params string[] questions)
    {
        var talk = new Talk(FamilyOf(Plain + "{%- if add_generation_prompt -%}<|a|>{{- 'assistant\n' -}}" + opening + "{%- endif -%}"));
        ChainNode? node = null;
        foreach (var question in questions)
            node = await TurnAsync(talk, node, new { instructions, input = new[] { Talk.User(question) } }, "fine", what);
    }

    /// <summary>SmolLM3 opens the answer by its system text: that conversation is continued all the same, and so is any other.</summary>
    [Fact]
    public async Task Head_IsProvenForItself_WhereTheOpeningFollowsIt()
    {
        var talk = new Talk(FamilyOf(Plain
            + "{%- if add_generation_prompt -%}<|a|>{{- 'assistant\n' -}}"
            + "{%- if messages[0].role == 'system' and '/deep' in messages[0].content -%}:{%- endif -%}{%- endif -%}"));
        foreach (var (instructions, said) in new[] { ("Be brief.", "fine"), ("Be brief. /deep", "fine"), ("Be clear.", "fine") })
        {
            ChainNode? node = null;
            foreach (var question in (string[])["a", "b", "c"])
                node = await TurnAsync(talk, node, new { instructions, input = new[] { Talk.User(question) } }, said, instructions);
        }
        Assert.Equal(4, talk.Backend.Model.Planner.Counts.Incremental); // of "/deep" none: what is opened with a colon is written without
    }

    /// <summary>A head that the template repeats is rendered with, and the conversation goes on without its whole.</summary>
    [Fact]
    public async Task Head_IsRenderedWith_WhereTheTemplateRepeatsIt()
    {
        var talk = new Talk(FamilyOf(
            "{%- for m in messages -%}<|a|>{{ m.role + '\n' }}{%- if m.role == 'user' and messages[0].role == 'system' -%}"
            + "{{- messages[0].content + ': ' -}}{%- endif -%}{{ m.content }}<|z|>\n{%- endfor -%}" + Open));
        ChainNode? node = null;
        foreach (var question in (string[])["a", "b", "c"])
            node = await TurnAsync(talk, node, new { instructions = "Be brief", input = new[] { Talk.User(question) } }, "fine", question);
        Assert.Equal(2, talk.Backend.Model.Planner.Counts.Incremental);
        var prompt = talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray());
        Assert.EndsWith("user\nBe brief: c<|z|><|a|>assistant\n", prompt, StringComparison.Ordinal);
    }

    /// <summary>What one conversation says is no other's affair, and one turn that is rendered whole is not all later ones.</summary>
    [Fact]
    public async Task Conversation_IsContinued_WhereAnotherSaysTheMark()
    {
        var talk = new Talk(FamilyOf(Plain + "{%- if add_generation_prompt -%}<|a|>{{- 'assistant\n' -}}"
            + "{%- if '/no' in messages[0].content -%}[x]{%- endif -%}{%- endif -%}"));
        ChainNode? marked = null, plain = null;
        foreach (var question in (string[])["a", "b", "c", "d"])
        {
            marked = await TurnAsync(talk, marked, new { input = new[] { Talk.User(question + " /no") } }, "fine", question);
            plain = await TurnAsync(talk, plain, new { input = new[] { Talk.User(question) } }, "fine", question);
        }
        Assert.Equal(3, talk.Backend.Model.Planner.Counts.Incremental);
    }

    /// <summary>A question that takes earlier thoughts out is rendered whole; the calls behind it are continued again.</summary>
    [Fact]
    public async Task Turns_AreContinued_BehindOneThatWasRenderedWhole()
    {
        var (talk, family, incremental) = (new Talk(Families.Reasoning), Families.Reasoning, new List<long>());
        ChainNode? node = null;
        for (var turn = 0; turn < 12; turn++)
        {
            var call = node?.Output.OfType<FunctionCallItem>().FirstOrDefault()?.CallId;
            var said = turn % 4 == 3 ? "done" : family.Calls([("find", $"{{\"a\": {turn}}}")]);
            var input = new[] { call is null ? Talk.User("go") : Talk.Output(call, "ok") };
            var before = talk.Backend.Model.Planner.Counts.Incremental;
            node = await TurnAsync(talk, node, new { tools = Tools, input }, family.Thinks($"thought {turn}", said), "reasoning");
            incremental.Add(talk.Backend.Model.Planner.Counts.Incremental - before);
        }
        Assert.Equal([0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1], incremental);
    }

    [Fact]
    public async Task RandomTemplates_AreContinuedAsTheWholeIs_OrNotAtAll()
    {
        var (turns, continued) = (0, 0L);
        for (var seed = 0; turns < TurnsWanted; seed++)
        {
            var random = new Random(seed);
            var template = new RandomTemplates(random).Next();
            var talk = new Talk(FamilyOf(template));
            for (var conversation = 0; conversation < 4; conversation++, turns += Turns) await ConverseAsync(talk, random, template, Turns);
            continued += talk.Backend.Model.Planner.Counts.Incremental;
        }
        Assert.True(continued * 5 > turns, $"{continued} of {turns} turns were continued"); // else nothing was shown
        TestContext.Current.TestOutputHelper?.WriteLine($"{turns} turns, {continued} continued, all as the whole");
    }
}
