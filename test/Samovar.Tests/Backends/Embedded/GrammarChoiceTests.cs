using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Testing.Grammars;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What a request demands becomes a grammar that admits what the model's family writes, and nothing else.</summary>
public sealed class GrammarChoiceTests
{
    private static readonly object Strict = new
    {
        type = "function", name = "find", strict = true,
        parameters = new { type = "object", properties = new { a = new { type = "integer" } }, required = new[] { "a" },
            additionalProperties = false },
    };

    public static TheoryData<string> FamilyNames => new(Families.All.Select(family => family.Name));

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task RequiredCall_IsWrittenAsTheFamilyWritesIt(string name)
    {
        var family = Families.All.Single(one => one.Name == name);
        var (grammar, triggers) =
            await GrammarAsync(family, new { input = "x", tools = new[] { Strict, Talk.Function("open_it") }, tool_choice = "required" });
        Assert.Empty(triggers);
        var call = family.Calls([("find", "{\"a\": 1}")]);
        Assert.True(GbnfMatcher.Accepts(grammar!, call), call);
        Assert.False(GbnfMatcher.Accepts(grammar!, family.Calls([("find", "{\"a\": \"no\"}")])));
        Assert.False(GbnfMatcher.Accepts(grammar!, family.Calls([("other", "{}")])));
        Assert.False(GbnfMatcher.Accepts(grammar!, "hello"));
        Assert.False(GbnfMatcher.Accepts(grammar!, ""));
    }

    [Fact]
    public async Task NamedCall_AdmitsThatFunctionAlone_AndOneCallWhereCallsAreNotParallel()
    {
        var (grammar, _) = await GrammarAsync(Families.ChatMl, new
        {
            input = "x", tools = new[] { Strict, Talk.Function("open_it") }, tool_choice = new { type = "function", name = "open_it" },
                parallel_tool_calls = false,
        });
        Assert.True(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("open_it", "{}")])));
        Assert.False(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("find", "{\"a\": 1}")])));
        Assert.False(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("open_it", "{}"), ("open_it", "{}")])));
    }

    [Fact]
    public async Task StrictFunction_BindsFromTheFirstSignOfACall()
    {
        var (grammar, triggers) = await GrammarAsync(Families.ChatMl, new { input = "x", tools = new[] { Strict } });
        Assert.Equal(["<tool_call>\n{\""], triggers);
        Assert.True(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("find", "{\"a\": 1}"), ("find", "{\"a\": 2}")])));
    }

    [Fact]
    public async Task CallOfTheModelsOwnWill_HasAnOfferedName_AndArgumentsOfItsSchema_WhereAGrammarCanHoldThem()
    {
        var beyond = new { type = "function", name = "far", parameters = new { not = new { type = "null" } } };
        var closed = new
        {
            type = "function", name = "find", strict = false,
            parameters = new { type = "object", properties = new { a = new { type = "integer" } }, required = new[] { "a" },
                additionalProperties = false },
        };
        object[] tools = [closed, beyond];
        var (grammar, triggers) = await GrammarAsync(Families.ChatMl, new { input = "x", tools });
        Assert.Equal(["<tool_call>\n{\"name\": \""], triggers);
        Assert.True(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("find", "{\"a\": 1}"), ("far", "{\"any\": 1}")])));
        Assert.False(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("find", "{\"b\": 1}")])));
        Assert.False(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("fin_far", "{\"a\": 1}")])));
        var allowed = new { type = "allowed_tools", mode = "auto", tools = new[] { new { type = "function", name = "far" } } };
        var (some, _) = await GrammarAsync(Families.ChatMl, new { input = "x", tools, tool_choice = allowed });
        Assert.False(GbnfMatcher.Accepts(some!, Families.ChatMl.Calls([("find", "{\"a\": 1}")])));
        Assert.Null((await GrammarAsync(Families.Headers, new { input = "x", tools })).Grammar); // an answer may begin as a call does
        Assert.Null((await GrammarAsync(Families.ChatMl, new { input = "x" })).Grammar);
    }

    [Fact]
    public async Task GrammarThatNobodyAskedFor_EndsNoTurn()
    {
        var talk = new Talk(Families.ChatMl);
        object[] tools = [Talk.Function("open_it")];
        await talk.AskAsync(null, new { input = "x", tools });
        await talk.AskAsync(null, new { input = "x", tools, tool_choice = "required" });
        await talk.AskAsync(null, new { input = "x", tools = new[] { Strict } });
        Assert.Equal([false, true, true], talk.Engine.Turns.Select(turn => turn.Sampling.IsGrammarDemanded));
        Assert.All(talk.Engine.Turns, turn => Assert.NotNull(turn.Sampling.Grammar));
    }

    [Fact]
    public async Task JsonFormat_AdmitsTheSchema_OrACallWhereToolsAreOpen()
    {
        var schema = new { type = "object", properties = new { n = new { type = "integer" } }, required = new[] { "n" },
            additionalProperties = false };
        var text = new { format = new { type = "json_schema", name = "answer", schema, strict = true } };
        var (grammar, _) = await GrammarAsync(Families.ChatMl, new { input = "x", text });
        Assert.True(GbnfMatcher.Accepts(grammar!, "{\"n\": 7}"));
        Assert.False(GbnfMatcher.Accepts(grammar!, "{\"n\": \"7\"}"));
        var (both, _) = await GrammarAsync(Families.ChatMl, new { input = "x", text, tools = new[] { Talk.Function("open_it") } });
        Assert.True(GbnfMatcher.Accepts(both!, "{\"n\": 7}"));
        Assert.True(GbnfMatcher.Accepts(both!, Families.ChatMl.Calls([("open_it", "{}")])));
        var (thinking, _) = await GrammarAsync(Families.Reasoning,
            new { input = "x", text = new { format = new { type = "json_object" } } });
        Assert.True(GbnfMatcher.Accepts(thinking!, "<think>\nwell < that\n</think>\n\n{\"any\": [1]}"));
        Assert.True(GbnfMatcher.Accepts(thinking!, "{}"));
        Assert.False(GbnfMatcher.Accepts(thinking!, "<think>\n{}"));
        var (opened, _) = await GrammarAsync(Families.Bars,
            new { input = new[] { Talk.User("x"), new { role = "assistant", content = "y" } },
            text = new { format = new { type = "json_object" } } });
        Assert.True(GbnfMatcher.Accepts(opened!, "so</think>\n{}"));
        Assert.False(GbnfMatcher.Accepts(opened!, "{}"));
    }

    [Fact]
    public async Task WhatNoGrammarCanHold_IsRefusedByName()
    {
        var lost = await Assert.ThrowsAsync<ApiException>(() =>
            GrammarAsync(Families.ChatMl, new { input = "x", tool_choice = "required" }));
        Assert.Equal(("missing_required_parameter", "tool_choice"), (lost.Kind.Code, lost.Param));
        var mistaken = await Assert.ThrowsAsync<ApiException>(() => GrammarAsync(Families.ChatMl, new
        {
            input = "x", tools = new[] { Talk.Function("open_it") }, tool_choice = new { type = "custom", name = "open_it" },
        }));
        Assert.Equal(("unsupported_value", "tool_choice"), (mistaken.Kind.Code, mistaken.Param));
        Assert.Contains("'tools'", lost.Message, StringComparison.Ordinal);
        var text = new { format =
            new { type = "json_schema", name = "answer", strict = true,
            schema = new { type = "object", patternProperties = new { } , not = new { type = "null" } } } };
        var refused = await Assert.ThrowsAsync<ApiException>(() => GrammarAsync(Families.ChatMl, new { input = "x", text }));
        Assert.Equal(400, refused.Kind.Status);
        Assert.StartsWith("text.format.schema", refused.Param, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("false"), InlineData("null")]
    public async Task SchemaThatIsNotStrict_IsHeldAsFarAsAGrammarCan_AndTheRecordSaysSo(string strict)
    {
        const string Beyond = """{"type": "object", "minProperties": 1, "properties": {"n": {"type": "integer"}}}""";
        var talk = new Talk(Families.ChatMl);
        Assert.Equal(["text.format.schema"], await DroppedAsync(strict, Beyond));
        var grammar = GbnfGrammar.Parse(talk.Engine.Turns[0].Sampling.Grammar!);
        Assert.True(GbnfMatcher.Accepts(grammar, "{\"n\": 7}"));
        Assert.False(GbnfMatcher.Accepts(grammar, "{\"n\": \"7\"}"));
        Assert.Equal(["text.format.schema"], await DroppedAsync(strict, Beyond)); // what is kept of it says it, too
        Assert.Empty(await DroppedAsync(strict, Beyond.Replace("\"minProperties\": 1, ", "", StringComparison.Ordinal)));
        var refused = await Assert.ThrowsAsync<ApiException>(() => DroppedAsync("true", Beyond));
        Assert.Equal("text.format.schema", refused.Param);
        await Assert.ThrowsAsync<ApiException>(() => DroppedAsync(strict, """{"type": "strin"}"""));

        const string Hopeless = """
            {"type": "object", "properties": {"n": {"minimum": 2, "maximum": 1, "type": "integer"}}, "required": ["n"]}
            """;
        Assert.Equal(["text.format.schema"], await DroppedAsync(strict, Hopeless));
        grammar = GbnfGrammar.Parse(talk.Engine.Turns[^1].Sampling.Grammar!);
        Assert.True(GbnfMatcher.Accepts(grammar, "{\"n\": 3}"));
        Assert.False(GbnfMatcher.Accepts(grammar, "[]"));
        await Assert.ThrowsAsync<ApiException>(() => DroppedAsync("true", Hopeless));

        async Task<IReadOnlyList<string>> DroppedAsync(string isStrict, string schema)
        {
            using var format = JsonDocument.Parse(
                $$"""{"type": "json_schema", "name": "answer", "strict": {{isStrict}}, "schema": {{schema}}}""");
            var turn = talk.Turn(null, Talk.Request(new { input = "x", text = new { format } }));
            await foreach (var seen in talk.Backend.RunAsync(turn, TestContext.Current.CancellationToken)) Assert.NotNull(seen);
            return turn.Report.Dropped;
        }
    }

    [Theory]
    [InlineData("[a-z]{2,4}", "abc", "abcde")]
    [InlineData("^a|b$", "b", "ab")]
    [InlineData("cost: \\d+\\$", "cost: 12$", "cost: 12")]
    [InlineData("(?i)select [a-z]{,3}", "SeLect aB", "select abcd")]
    [InlineData("(?P<verb>get|(?i:put)) x.y", "PUT x\u2028y", "GET x y")]
    public async Task CustomTool_IsHeldToItsRegex_OverTheWholeText(string regex, string fits, string fails)
    {
        var (grammar, triggers) = await GrammarAsync(Families.ChatMl, new { input = "x", tools = new[] { Custom("regex", regex) } });
        Assert.Equal(["<tool_call>\n{\""], triggers);
        Assert.True(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("say", $"{{\"input\": \"{fits}\"}}")])));
        Assert.False(GbnfMatcher.Accepts(grammar!, Families.ChatMl.Calls([("say", $"{{\"input\": \"{fails}\"}}")])));
    }

    [Fact]
    public async Task CustomToolsLarkGrammar_IsShownAndHeld_AndWhatCannotBeHeldIsRefused()
    {
        var talk = new Talk(Families.ChatMl);
        var seen = talk.Plan(null, new { input = "x", tools = new[] { Custom("lark", "start: \"a\"") } });
        Assert.Contains("start: ", talk.Text(seen), StringComparison.Ordinal);
        var (any, _) = await GrammarAsync(Families.ChatMl, new { input = "x", tools = new[] { Custom("lark", "start: \"a\"") } });
        Assert.True(GbnfMatcher.Accepts(any!, Families.ChatMl.Calls([("say", "{\"input\": \"a\"}")])));
        Assert.False(GbnfMatcher.Accepts(any!, Families.ChatMl.Calls([("say", "{\"input\": \"b\"}")])));
        var declaring = await Assert.ThrowsAsync<ApiException>(() =>
            GrammarAsync(Families.ChatMl, new { input = "x", tools = new[] { Custom("lark", "start: \"a\"\n%declare B") } }));
        Assert.Equal(("unsupported_value", "tools[0].format.definition"), (declaring.Kind.Code, declaring.Param));
        var refused = await Assert.ThrowsAsync<ApiException>(() =>
            GrammarAsync(Families.ChatMl, new { input = "x", tools = new[] { Custom("regex", "(?=a)b") } }));
        Assert.Equal(("unsupported_value", "tools[0].format.definition"), (refused.Kind.Code, refused.Param));
    }

    [Fact]
    public async Task KeptGrammar_IsTheOneOfItsRequest()
    {
        var talk = new Talk(Families.Reasoning);
        object[] bodies =
        [
            new { input = "x", tools = new[] { Strict, Talk.Function("open_it") }, tool_choice = "required" },
            new { input = "x", tools = new[] { Strict, Talk.Function("open_it") }, tool_choice = "required", parallel_tool_calls = false },
            new { input = "x", tools = new[] { Strict, Talk.Function("open_it") }, tool_choice = "required",
                reasoning = new { effort = "none" } },
            new { input = "x", tools = new[] { Talk.Function("find"), Talk.Function("open_it") }, tool_choice = "required" },
            new { input = "x", tools = new[] { Strict }, tool_choice = "required" },
            new { input = "x", tools = new[] { Strict } },
            new { input = "x", tools = new[] { Strict }, text = new { format = new { type = "json_object" } } },
        ];
        var first = new List<string?>();
        foreach (var body in bodies) first.Add(await TextAsync(body));
        Assert.Equal(bodies.Length, first.Distinct(StringComparer.Ordinal).Count());
        for (var at = 0; at < bodies.Length; at++) Assert.Same(first[at], await TextAsync(bodies[at])); // not compiled again

        async Task<string?> TextAsync(object body)
        {
            await talk.AskAsync(null, body);
            return talk.Engine.Turns[^1].Sampling.Grammar;
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Thought_DoesNotBeginAsACallDoes(bool begun)
    {
        var family = !begun ? Families.Reasoning : Families.Reasoning with
        {
            Template = Families.Reasoning.Template.Replace(
                "<|im_start|>assistant\\n' }}\n", "<|im_start|>assistant\\n<think>\\n' }}\n", StringComparison.Ordinal),
        };
        var (grammar, _) =
            await GrammarAsync(family, new { input = "x", tools = new[] { Talk.Function("open_it") }, tool_choice = "required" });
        var opening = begun ? "" : "<think>\n";
        var call = family.Calls([("open_it", "{}")]);
        foreach (var thought in (string[])["so\n", "", " \n", "<tool_cell>", "then <tool_call>null", "<<tool_call>", "<", "<tool_call"])
            Assert.True(GbnfMatcher.Accepts(grammar!, $"{opening}{thought}</think>\n\n{call}"), thought);
        foreach (var thought in (string[])["<tool_call>", " \n<tool_call>null", "\u00a0\t<tool_call>\n{}"])
            Assert.False(GbnfMatcher.Accepts(grammar!, $"{opening}{thought}</think>\n\n{call}"), thought);
    }

    private static object Custom(string syntax, string definition) =>
        new { type = "custom", name = "say", format = new { type = "grammar", syntax, definition } };

    private static async Task<(GbnfGrammar? Grammar, IReadOnlyList<string> Triggers)> GrammarAsync(Family family, object body)
    {
        var talk = new Talk(family);
        await talk.AskAsync(null, body);
        var sampling = talk.Engine.Turns[^1].Sampling;
        return (sampling.Grammar is { } grammar ? GbnfGrammar.Parse(grammar) : null, sampling.GrammarTriggers.Texts);
    }
}
