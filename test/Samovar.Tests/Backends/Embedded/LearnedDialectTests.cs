using System.Text;
using System.Text.Json;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What a model writes is learned from its own template, and read so, however it comes in pieces.</summary>
public sealed class LearnedDialectTests
{
    private static readonly JsonElement Expected = DialectFixtures.All.GetProperty("expected");

    public static TheoryData<string> Families =>
        new(DialectFixtures.All.GetProperty("families").EnumerateArray().Select(family => family.GetProperty("name").GetString()!));

    public static TheoryData<string> Turns =>
        new(DialectFixtures.Turns.EnumerateArray().Select(turn => turn.GetProperty("name").GetString()!));

    [Theory, MemberData(nameof(Families))]
    public void EveryOutputOfAFamily_IsRead_HoweverItIsCut(string name)
    {
        var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name);
        var talk = new Talk(DialectFixtures.Family(family));
        var dialect = talk.Backend.Model.Writes;
        var promptEnd = talk.Plan(null, new { input = "q", tools = DialectFixtures.Tools }).TextEnd;
        foreach (var output in family.GetProperty("outputs").EnumerateObject())
        {
            var written = output.Value.GetString()!;
            var isThinking = output.Name.StartsWith("thought_", StringComparison.Ordinal);
            var end = isThinking || written.StartsWith("<|END_THINKING|>", StringComparison.Ordinal) ? promptEnd : "";
            var expected = LinesOf(output.Name);
            var read = DialectFixtures.Read(dialect, end, [written]);
            Assert.True(expected == read, Explain(dialect, output.Name, read));
            Assert.Equal(expected, DialectFixtures.Read(dialect, end, written.Select(one => one.ToString())));
            for (var cut = 1; cut < written.Length; cut++)
                Assert.Equal(expected, DialectFixtures.Read(dialect, end, [written[..cut], written[cut..]]));
        }
    }

    /// <summary>Of families whose arguments stand between marks.</summary>
    public static TheoryData<string> Keyed => new(Families.Select(row => row.Data).Where(name => Outputs(name) is { } outputs
        && outputs.TryGetProperty("two", out _) && DialectOf(name).Written is { Style: ArgumentStyle.Keyed }));

    [Theory, MemberData(nameof(Keyed))]
    public void TwoCalls_AreTwo_WhateverClosesTheFirstIsLeftOut(string name)
    {
        var dialect = DialectOf(name);
        var format = dialect.Written!;
        var whole = Outputs(name).GetProperty("two").GetString()!;
        var second = whole.IndexOf("lookup", StringComparison.Ordinal);
        foreach (var lacking in Subsets([.. MarkText.Parts(format.CallClose)]))
        {
            var first = lacking.Aggregate(whole[..second], (text, part) => text.Replace(part, "", StringComparison.Ordinal));
            var written = first + whole[second..];
            Assert.Equal(LinesOf("two"), DialectFixtures.Read(dialect, "", [written]));
            for (var cut = 1; cut < written.Length; cut++)
                Assert.Equal(LinesOf("two"), DialectFixtures.Read(dialect, "", [written[..cut], written[cut..]]));
            if (format.Alias.Length == 0) continue;
            var opening = first.LastIndexOf(format.CallOpen, StringComparison.Ordinal);
            written = first[..opening] + format.Alias + whole[second..]; // the second call without its first tag
            Assert.Equal(LinesOf("two"), DialectFixtures.Read(dialect, "", [written]));
        }
    }

    private static IEnumerable<string[]> Subsets(string[] parts) =>
        Enumerable.Range(0, 1 << parts.Length).Select(set => parts.Where((_, at) => (set & (1 << at)) != 0).ToArray());

    private static JsonElement Outputs(string name) =>
        DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name).GetProperty("outputs");

    private static ModelDialect DialectOf(string name) =>
        new Talk(DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name))).Backend.Model.Writes;

    [Theory, MemberData(nameof(Turns))]
    public async Task Turn_HasWhatTheModelWrote_AndTheNextPromptNamesItsCalls(string name)
    {
        var fixture = DialectFixtures.Named(DialectFixtures.Turns, name);
        var talk = new Talk(DialectFixtures.Family(fixture)).Says(fixture.GetProperty("says").GetString()!);
        var answer = await talk.AskAsync(null, new { input = "q", tools = DialectFixtures.Tools });
        Assert.True(DialectFixtures.Expected(fixture.GetProperty("expected")) == DialectFixtures.Lines(answer.Events),
            Explain(talk.Backend.Model.Writes, name, DialectFixtures.Lines(answer.Events)));
        if (!fixture.TryGetProperty("ids", out var ids)) return;
        var called = answer.Items.OfType<FunctionCallItem>().Select(call => call.CallId);
        Assert.Equal(ids.EnumerateArray().Select(id => id.GetString()), called);
        if (!fixture.TryGetProperty("then", out var then)) return;
        var output = Talk.Output(ids[0].GetString()!, then[0].GetString()!);
        var next = talk.Text(talk.Plan(answer.Node, new { tools = DialectFixtures.Tools, input = new[] { output } }));
        foreach (var part in fixture.GetProperty("promptContains").EnumerateArray())
            Assert.Contains(part.GetString()!, next, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<|python_start|>Let me see.<|python_end|>{\"name\": \"find\", \"parameters\": {\"a\": 1}}", "Let me see.", 1)]
    [InlineData("<|python_start|>print(1)<|python_end|>", "print(1)", 0), InlineData("<|python_start|>[find(a=1)]<|python_end|>", "", 1)]
    [InlineData("<|python_start|>{\"name\": \"find\", \"parameters\": {\"a\": 1}}<|python_end|>", "", 1)]
    [InlineData("So: <|python_start|>1 < 2", "So: 1 < 2", 0)]
    [InlineData("[find(a=\"b\"), find(a=1)]", "", 2), InlineData("[find, other]", "[find, other]", 0)]
    [InlineData("find(a=1) is one.", "find(a=1) is one.", 0), InlineData("So:\n[find(a=1)]", "So:\n[find(a=1)]", 0)]
    public async Task MarkThatMayStandBeforeText_IsNoPartOfIt(string says, string text, int calls)
    {
        var family = Samovar.Tests.Backends.Embedded.Families.Headers;
        family = family with { Template = family.Template + "{% if false %}<|python_start|>{% endif %}" };
        var answer = await new Talk(family).Says(says).AskAsync(null, new { input = "q", tools = new[] { Talk.Function("find") } });
        Assert.Equal(text, answer.Text<Samovar.Backends.BackendEvent.MessageStarted>());
        Assert.Equal(calls, answer.Items.OfType<FunctionCallItem>().Count());
    }

    [Fact]
    public async Task IdThatTheModelWritesAgain_IsNotTheSecondCallsId()
    {
        var fixture = DialectFixtures.Named(DialectFixtures.Turns, "own-call-id");
        var says = fixture.GetProperty("says").GetString()!;
        var talk = new Talk(DialectFixtures.Family(fixture)).Says(says + says);
        var answer = await talk.AskAsync(null, new { input = "q", tools = DialectFixtures.Tools });
        Assert.Equal(2, answer.Items.OfType<FunctionCallItem>().Select(call => call.CallId).Distinct(StringComparer.Ordinal).Count());
        var outputs = answer.Items.OfType<FunctionCallItem>().Select(call => Talk.Output(call.CallId, "21")).ToArray();
        var again = await talk.Says(says).AskAsync(answer.Node, new { input = outputs, tools = DialectFixtures.Tools });
        Assert.NotEqual("abcdefghi", Assert.Single(again.Items.OfType<FunctionCallItem>()).CallId);
    }

    [Fact]
    public void TokenThatEndsAPart_IsNoStopToken()
    {
        var fixture = DialectFixtures.Named(DialectFixtures.Turns, "part-end-is-no-stop");
        Assert.Empty(new Talk(DialectFixtures.Family(fixture)).Backend.Model.StopTokens);
    }

    [Fact]
    public async Task TokenThatEndsAPart_IsWritten_WhereNothingMayBeCalled()
    {
        var talk = new Talk(DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.Turns, "part-end-is-no-stop")));
        await talk.AskAsync(null, new { input = "q" });
        var forbidden = talk.Engine.Turns[^1].Sampling.Forbidden!.Texts;
        Assert.Contains(forbidden, text => "<|part|>call<tool_call>".StartsWith(text, StringComparison.Ordinal));
        Assert.DoesNotContain(forbidden, text => "Yes.<|shut|>".Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void ThoughtThatThePromptBegan_MayBeginAgain_OrBeLeftOutBeforeACall()
    {
        var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), "QwQ-32B");
        var dialect = new Talk(DialectFixtures.Family(family)).Backend.Model.Writes;
        Assert.Equal("reasoning: hm\ntext: Yes.", DialectFixtures.Read(dialect, "<think>\n", ["<think>\nhm</think>\n\nYes."]));
        var call = family.GetProperty("outputs").GetProperty("call").GetString()!;
        Assert.Equal(LinesOf("call"), DialectFixtures.Read(dialect, "<think>\n", call.Select(one => one.ToString())));
        const string Planned = "I may write <tool_call> here.";
        Assert.Equal("reasoning: " + Planned, DialectFixtures.Read(dialect, "<think>\n", [Planned]));
    }

    [Theory, InlineData("xml-function", "<function=<function-name>>")]
    [InlineData("pythonic", "[<function-name>(<argument-name>=<value>, ...)]")]
    [InlineData("token-and-list", "<|tool_call|>[{\"name\": \"<function-name>\", \"arguments\": <arguments-object>}]")]
    public void TemplateThatWritesCalls_AndHasNoPlaceForTools_AnnouncesThemInItsOwnWords(string name, string example)
    {
        var family = DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.Turns, name));
        var messages = family.Template.IndexOf("{%- for m in", StringComparison.Ordinal);
        var talk = new Talk(family with { Template = family.Template[messages..] });
        Assert.False(talk.Backend.Model.Facts.Tools);
        var text = talk.Text(talk.Plan(null, new { input = "hi", tools = DialectFixtures.Tools }));
        Assert.Contains(example, text, StringComparison.Ordinal);
        Assert.DoesNotContain("{\"name\": <function-name>", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<|tool_list_start|>{{ tools | tojson }}<|tool_list_end|>",
        "<|tool_call_start|>[get_weather(city=\"Zürich\", days=3)]<|tool_call_end|>")]
    [InlineData("Write functools[{...}] for {{ tools | tojson }}",
        "functools[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 3}}]")]
    [InlineData("Write <function=name>\n<parameter=key> for {{ tools | tojson }}",
        "<tool_call>\n<function=get_weather>\n<parameter=city>\nZürich\n</parameter>\n"
        + "<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>")]
    [InlineData("Write <arg_key>key</arg_key><arg_value>value</arg_value> for {{ tools | tojson }}",
        "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Zürich</arg_value>\n"
        + "<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>")]
    [InlineData("Write <function=name>{}</function> for {{ tools | tojson }}",
        "<function=get_weather>{\"city\": \"Zürich\", \"days\": 3}</function>")]
    [InlineData("Write <start_function_call>call:f{key:<escape>text<escape>} for {{ tools | tojson }}",
        "<start_function_call>call:get_weather{city:<escape>Zürich<escape>,days:3}<end_function_call>")]
    [InlineData("Write <|tool_call_begin|>functions.f:0<|tool_call_argument_begin|> for {{ tools | tojson }}",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>"
        + "{\"city\": \"Zürich\", \"days\": 3}<|tool_call_end|><|tool_calls_section_end|>")]
    [InlineData("Write [func_name1(name=value)] for {{ tools | tojson }}", "[get_weather(city=\"Zürich\", days=3)]")]
    public async Task CallsThatATemplateOnlyDescribes_AreRead_AndAskedForInItsWords(string described, string says)
    {
        var family = Backends.Embedded.Families.ChatMl with
        {
            Template = "{% if tools %}" + described + "{% endif %}"
                + "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
                + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
        };
        var talk = new Talk(family).Says(says);
        var answer = await talk.AskAsync(null, new { input = "q", tools = DialectFixtures.Tools });
        Assert.Equal("call get_weather: {\"city\":\"Zürich\",\"days\":3}", DialectFixtures.Lines(answer.Events));
        var output = Talk.Output(answer.Items.OfType<FunctionCallItem>().Single().CallId, "21");
        var next = talk.Text(talk.Plan(Talk.Cold(answer.Node), new { tools = DialectFixtures.Tools, input = new[] { output } }));
        Assert.Contains("assistant\n" + says, next, StringComparison.Ordinal); // its history has the words that it is shown
        await talk.AskAsync(null, new { input = "q", tools = DialectFixtures.Tools, tool_choice = "required" });
        var grammar = Samovar.Testing.Grammars.GbnfGrammar.Parse(talk.Engine.Turns[^1].Sampling.Grammar!);
        Assert.True(Samovar.Testing.Grammars.GbnfMatcher.Accepts(grammar, says));
    }

    [Theory, MemberData(nameof(Families))]
    public void CutOutput_ShowsNoMarkup_AndNoMoreThanWasWritten(string name)
    {
        var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name);
        var talk = new Talk(DialectFixtures.Family(family));
        if (!family.GetProperty("outputs").TryGetProperty("call", out var call)) return;
        var written = call.GetString()!;
        for (var cut = 1; cut < written.Length; cut++)
        {
            var read = CutReading.Of(talk.Backend.Model.Writes, written[..cut]);
            Assert.True(read.Text.Trim().Length == 0, $"{written[..cut]} shows {read.Text}");
            Assert.True(read.Arguments is null || CutReading.IsBeginning(read.Arguments), $"{written[..cut]} has {read.Arguments}");
        }
    }

    private static string LinesOf(string output)
    {
        var lines = new List<string>();
        if (output.StartsWith("thought_", StringComparison.Ordinal)) lines.Add("reasoning: " + Expected.GetProperty("thought").GetString());
        var rest = output.Replace("thought_", "", StringComparison.Ordinal);
        if (rest == "text") lines.Add("text: " + Expected.GetProperty("text").GetString());
        if (rest == "text_call") lines.Add("text: " + Expected.GetProperty("text_call").GetString());
        var calls = rest == "two" ? [.. Expected.GetProperty("two").EnumerateArray()]
            : rest is "call" or "text_call" ? (JsonElement[])[Expected.GetProperty("call")] : [];
        lines.AddRange(calls.Select(one => DialectFixtures.Call(one[0].GetString()!, one[1])));
        return string.Join('\n', lines);
    }

    private static string Explain(ModelDialect dialect, string output, string read)
    {
        var text = new StringBuilder($"{output} is read as:\n{read}\nby {dialect.Name}: ");
        text.Append($"thoughts {string.Join(" ", dialect.Thoughts)}\n");
        text.Append($"answers {string.Join(" ", dialect.Answers)} frames {string.Join(" ", dialect.Frames)}\n");
        foreach (var format in dialect.Formats) text.Append(format).Append('\n');
        return text.ToString();
    }
}
