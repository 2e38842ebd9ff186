using System.Text.Json;
using Samovar.Backends.Embedded;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Small templates with the constructs that real ones have, and what a prompt of each must be (cases/templates.json).</summary>
public sealed class TemplateCaseTests
{
    private static readonly JsonElement Cases = JsonDocument.Parse(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Backends", "Embedded", "cases", "templates.json"))).RootElement;

    private static readonly object[] Tools = [Talk.Function("get_weather"), Talk.Function("lookup")];

    public static TheoryData<string> Of(string kind) =>
        new(Cases.EnumerateArray().Where(one => one.GetProperty("kind").GetString() == kind).Select(one => Text(one, "name")!));

    [Theory, MemberData(nameof(Of), "fallback")]
    public void Template_IsUsed_WhereThereAreNoTools(string name)
    {
        var talk = Talking(Case(name));
        Assert.Null(talk.Backend.Model.TemplateUse.Fault);
        Assert.Contains("hi", talk.Text(talk.Plan(null, new { input = "hi" })), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Of), "effort")]
    public void Effort_TurnsThinkingOnAndOff(string name)
    {
        var (one, effort) = (Case(name), Text(Case(name), "effort"));
        var talk = Talking(one);
        var body = effort is null ? (object)new { input = "q" } : new { input = "q", reasoning = new { effort } };
        Assert.EndsWith("<|a|>assistant" + Text(one, "expectedEnd"), talk.Text(talk.Plan(null, body)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xhigh", "max"), InlineData("max", "max"), InlineData("high", "high"), InlineData("low", "high"), InlineData(null, "high")]
    public void EffortThatIsPutIntoAnotherVariable_TakesTheWordsOfThat(string? effort, string written) => AssertEnds(
        "{%- set e = reasoning_effort | default('high') -%}{%- if e not in ['high', 'max'] -%}{%- set e = 'high' -%}{%- endif -%}",
        "[{{ e }}]", effort, $"[{written}]");

    [Theory]
    [InlineData("high", "deeply"), InlineData("medium", "deeply"), InlineData("low", "at once"), InlineData("none", "at once")]
    [InlineData("minimal", "at once"), InlineData(null, "")]
    public void ModeOfThinking_IsFastForLittleEffort_AndSlowForMore(string? effort, string written) => AssertEnds(
        "",
        "{% if (think_mode | default('') | lower) == 'fast' %}at once{% elif think_mode == 'slow' %}deeply{% endif %}", effort, written);

    private static void AssertEnds(string before, string end, string? effort, string expected)
    {
        var talk = new Talk(Families.ChatMl with
        {
            Template = before + "{%- for m in messages -%}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{%- endfor -%}"
                + "{%- if add_generation_prompt -%}<|im_start|>assistant\n" + end + "{%- endif -%}",
        });
        var body = effort is null ? (object)new { input = "q" } : new { input = "q", reasoning = new { effort } };
        Assert.EndsWith("<|im_start|>assistant\n" + expected, talk.Text(talk.Plan(null, body)), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Of), "render")]
    public void Prompt_HasWhatTheTemplateHasAPlaceFor(string name) => AssertContains(Case(name), "call_0123456789");

    [Theory, MemberData(nameof(Of), "ids")]
    public void Ids_ThatTheModelWrote_StayInItsHistory(string name) => AssertContains(Case(name), Text(Case(name), "callId")!);

    [Fact]
    public void Ids_OfAnotherForm_AreNumberedThroughTheConversation_WhereTheyNameTheFunction()
    {
        var talk = Talking(Case("ids that name the function"));
        object[] input =
        [
            Talk.User("q"), Call("call_a"), Call("functions.get_weather:1"), Talk.Output("functions.get_weather:1", "one"),
            Talk.Output("call_a", "other"), Call("call_b"), Talk.Output("call_b", "last"),
        ];
        var text = talk.Text(talk.Plan(null, new { input, tools = Tools }));
        string[] parts =
            ["weather:0<", "weather:1<", "weather:1\none", "weather:0\nother", "weather:2<", "weather:2\nlast"];
        var places = parts.Select(part => text.IndexOf(part, StringComparison.Ordinal)).ToArray();
        Assert.All(places, place => Assert.True(place > 0, text));
        Assert.Equal(places.Order(), places);
    }

    [Theory, MemberData(nameof(Of), "begin")]
    public void Prompt_HasOneBeginToken(string name)
    {
        var talk = Talking(Case(name));
        var tokens = talk.Plan(null, new { input = "q <s>" }).Path.ToArray();
        Assert.Equal(Case(name).GetProperty("expected").GetInt32(), tokens.Count(token => token == talk.Tokenizer.BeginOfText));
    }

    [Theory, MemberData(nameof(Of), "eos")]
    public void EosToken_IsTheFiles(string name)
    {
        var talk = Talking(Case(name));
        object[] input = [Talk.User("q"), new { role = "assistant", content = "a" }, Talk.User("r")];
        Assert.Equal(Text(Case(name), "expected"), talk.Text(talk.Plan(null, new { input })));
    }

    [Theory, MemberData(nameof(Of), "neutral")]
    public void Structure_CannotBeSpelled_ByUsersAndTools(string name)
    {
        var (one, evil) = (Case(name), Text(Case(name), "evil")!);
        var plain = Structure(Talking(one), "x", "done");
        Assert.Equal(plain, Structure(Talking(one), evil, "done"));
        Assert.Equal(plain, Structure(Talking(one), "x", evil));
        var talk = Talking(one);
        Assert.Contains(evil, talk.Text(talk.Plan(null, new { input = "a" + evil + "z" })), StringComparison.Ordinal);
    }

    private static string Structure(Talk talk, string said, string output)
    {
        object[] input = [Talk.User(said), Call("call_1"), Talk.Output("call_1", output)];
        var tokens = talk.Plan(null, new { input, tools = Tools }).Path.ToArray();
        return string.Join(' ', tokens.Where(talk.Tokenizer.IsSpecial));
    }

    private static void AssertContains(JsonElement one, string callId)
    {
        var talk = Talking(one);
        object[] thought = [new { type = "reasoning_text", text = "hm" }];
        object[] input =
        [
            Talk.User("q"), new { type = "reasoning", summary = Array.Empty<object>(), content = thought }, Call(callId),
            Talk.Output(callId, "done"),
        ];
        var text = talk.Text(talk.Plan(null, new { input, tools = Tools }));
        Assert.Null(talk.Backend.Model.TemplateUse.Fault);
        foreach (var part in one.GetProperty("promptContains").EnumerateArray())
            Assert.Contains(part.GetString()!, text, StringComparison.Ordinal);
    }

    private static object Call(string callId) =>
        new { type = "function_call", call_id = callId, name = "get_weather", arguments = """{"city": "Rome"}""" };

    private static Talk Talking(JsonElement one)
    {
        var specials = one.GetProperty("specials");
        var (ends, end, begin) = (Texts(specials, "eog"), Text(specials, "eot")!, Text(specials, "bos"));
        FakeSpecial[] all =
        [
            .. Texts(specials, "control").Select(text => new FakeSpecial(text, EndsTurn: ends.Contains(text))),
            .. Texts(specials, "user").Select(text => new FakeSpecial(text, IsControl: false, EndsTurn: ends.Contains(text))),
        ];
        return new Talk(new Family("case", Text(one, "template")!, end, all, begin) { EndOfSequence = Text(specials, "eos") });
    }

    private static JsonElement Case(string name) => Cases.EnumerateArray().Single(one => Text(one, "name") == name);

    private static string? Text(JsonElement one, string field) => one.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static string[] Texts(JsonElement one, string field) =>
        [.. one.GetProperty(field).EnumerateArray().Select(value => value.GetString()!)];
}
