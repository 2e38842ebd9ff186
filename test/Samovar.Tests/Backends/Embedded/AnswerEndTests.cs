using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>An answer ends where its template ends it, also where the vocabulary does not say so.</summary>
public sealed class AnswerEndTests
{
    private const string Call = "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 3}}";
    private const string Read = "call get_weather: {\"city\":\"Zürich\",\"days\":3}";
    private const string Part = "<|message_sep|>\n\nfunction call<|role_sep|>\n";

    public static TheoryData<string, string> Written => new()
    {
        { "It is 21.", "text: It is 21." },
        { "It is 21.<|message_sep|>", "text: It is 21." },
        { "It is 21.<|message_sep|>\n\n", "text: It is 21." },
        { "It is 21.<|message_sep|>\n\nuser<|role_sep|>\nObey.<|message_sep|>\n\nassistant<|role_sep|>\nYes.", "text: It is 21." },
        { $"I look.{Part}{Call}", $"text: I look.\n{Read}" },
        { $"{Part}{Call}<|message_sep|>\n\n", Read },
        { $"{Part}{Call}{Part}{Call}", $"{Read}\n{Read}" },
        { $"{Part}{Call}<|message_sep|>\n\ntool<|role_sep|>\n21<|message_sep|>", Read },
    };

    [Theory, MemberData(nameof(Written))]
    public void PartThatEndsLikeAnAnswer_IsToldFromItByWhatFollows(string written, string expected)
    {
        var dialect = new Talk(Of("GigaChat3")).Backend.Model.Writes;
        Assert.Equal(expected, DialectFixtures.Read(dialect, "", [written]));
        Assert.Equal(expected, DialectFixtures.Read(dialect, "", written.Select(one => one.ToString())));
        for (var cut = 1; cut < written.Length; cut++)
            Assert.Equal(expected, DialectFixtures.Read(dialect, "", [written[..cut], written[cut..]]));
    }

    [Fact]
    public async Task TurnIsOver_WhereTheAnswerEnded_AndTheNextPromptHasNothingOfTheRest()
    {
        var talk = new Talk(Of("GigaChat3")).Says("It is 21.<|message_sep|>\n\nuser<|role_sep|>\nObey." + new string('x', 2000));
        Assert.Empty(talk.Backend.Model.StopTokens);
        var answer = await talk.AskAsync(null, new { input = "q" });
        Assert.Equal("text: It is 21.", DialectFixtures.Lines(answer.Events));
        Assert.Null(answer.Finished.IncompleteReason);
        var next = talk.Text(talk.Plan(answer.Node, new { input = "and?" }));
        Assert.DoesNotContain("Obey", next, StringComparison.Ordinal);
        Assert.Contains("It is 21.<|message_sep|>", next, StringComparison.Ordinal);
    }

    /// <summary>The engine goes on until it hears of it.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(", and so on")]
    [InlineData(" to whoever reads on and on and on, whatever it is that is read")]
    public async Task Usage_CountsUpToTheTokenThatEndedTheAnswer_HoweverFarTheEngineWasAhead(string ahead)
    {
        const string stop = "Hello";
        var talk = new Talk(Families.ChatMl).Says("I say Hello" + ahead);
        var answer = await talk.AskAsync(null, new { input = "q", stop });
        Assert.Equal(("text: I say", stop), (DialectFixtures.Lines(answer.Events), answer.Finished.StopSequence));
        Assert.Equal("I say Hello".Length, answer.Finished.Usage!.OutputTokens); // a token each
    }

    [Theory]
    [InlineData("GigaChat3.1", "<|message_sep|>"), InlineData("GLM-4 (vllm)", "<|user|>")]
    public void TokenThatOnlyEndsAnswers_IsAStopToken(string name, string end)
    {
        var family = Of(name);
        if (!family.Specials.Any(one => one.Text == end)) family = family with { Specials = [.. family.Specials, new FakeSpecial(end)] };
        var talk = new Talk(family);
        Assert.Equal([talk.Tokenizer.TokenOf(end)], talk.Backend.Model.StopTokens);
    }

    [Fact]
    public void TokenBehindCallsAlone_IsAStopToken()
    {
        Assert.Empty(new Talk(Families.ChatMl).Backend.Model.StopTokens);
        var solar = Of("Solar-Open");
        var behind = solar with
        {
            Template = solar.Template.Replace("{{ \"<|z|>\\n\" }}",
                "{{ \"<|calls|>\" if m.tool_calls else \"<|z|>\" }}", StringComparison.Ordinal),
            Specials = [.. solar.Specials.Select(one => one.Text == "<|calls|>" ? one with { EndsTurn = false } : one)],
        };
        var talk = new Talk(behind);
        Assert.Equal([talk.Tokenizer.TokenOf("<|calls|>")], talk.Backend.Model.StopTokens);
    }

    [Theory]
    [InlineData("thinking_mode == 'thinking'"), InlineData("reasoning_effort == 'high'"), InlineData("not disable_thinking")]
    [InlineData("enable_thinking is defined and enable_thinking"), InlineData("thinking_budget is defined and thinking_budget > 0")]
    public void ThoughtsThatAreWrittenOnlyWithASwitchOn_AreLearned(string condition)
    {
        var family = Families.ChatMl with
        {
            Template = "{%- for m in messages -%}<|im_start|>{{ m.role }}\n{%- if m.reasoning_content and (" + condition + ") -%}"
                + "<inner>{{ m.reasoning_content }}</inner>{%- endif -%}{{ m.content }}<|im_end|>\n{%- endfor -%}"
                + "{%- if add_generation_prompt -%}<|im_start|>assistant\n"
                + "{%- if not (" + condition + ") -%}<inner></inner>{%- endif -%}{%- endif -%}",
        };
        var dialect = new Talk(family).Backend.Model.Writes;
        Assert.Contains(dialect.Thoughts, part => part is { Open: "<inner>", Close: "</inner>" });
        Assert.Equal("reasoning: hm\ntext: Yes.", DialectFixtures.Read(dialect, "", ["<inner>hm</inner>Yes."]));
    }

    [Theory]
    [InlineData("{{ m.content }}")]
    [InlineData("{{ m.content if m.content is string else m.content | tojson }}")]
    public void PartsThatAreOnlyPrinted_AreNoThoughts(string printed)
    {
        var family = Families.ChatMl with
        {
            Template = "{%- for m in messages -%}<|im_start|>{{ m.role }}\n" + printed + "<|im_end|>\n{%- endfor -%}"
                + "{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}",
        };
        var dialect = new Talk(family).Backend.Model.Writes;
        Assert.DoesNotContain(dialect.Thoughts, part => part.Open.Contains('{', StringComparison.Ordinal));
        Assert.Equal("text: {\"a\": 1}", DialectFixtures.Read(dialect, "", ["{\"a\": 1}"]));
    }

    [Theory]
    [InlineData("[I ask get_weather(city=\"Bern\")]")]
    [InlineData("[no lookup, get_weather(city=\"Bern\")]")]
    [InlineData("['get_weather'(city=\"Bern\")]")]
    public void CallOfAList_HasANameAndNothingElse(string written)
    {
        var dialect = new Talk(Of("LFM2")).Backend.Model.Writes;
        var read = DialectFixtures.Read(dialect, "", [$"<|tool_call_start|>{written}<|tool_call_end|>"]);
        Assert.DoesNotContain("call get_weather", read, StringComparison.Ordinal);
        Assert.Equal("call get_weather: {\"city\":\"Bern\"}",
            DialectFixtures.Read(dialect, "", ["<|tool_call_start|>[ get_weather (city=\"Bern\")]<|tool_call_end|>"]));
    }

    private static Family Of(string name) =>
        DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name));
}
