using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Conversations in orders that clients send and templates refuse or lose a part of: all that was said is in the prompt.</summary>
public sealed class MessageOrderTests
{
    private const string Turns =
        "{% set ns = namespace(n=0) %}{% for m in messages %}{% if m.role != 'system' %}"
        + "{% if (m.role == 'user') != (ns.n % 2 == 0) %}{{ raise_exception('Roles must alternate.') }}{% endif %}"
        + "{% set ns.n = ns.n + 1 %}{% endif %}<|a|>{{ m.role }}\n{{ m.content }}<|z|>{% endfor %}";

    private const string Hoisted =
        "{% set ns = namespace(lead='') %}{% for m in messages %}{% if m.role == 'system' %}{% set ns.lead = m.content %}{% endif %}"
        + "{% endfor %}{{ ns.lead }}{% for m in messages if m.role != 'system' %}<|a|>{{ m.role }}\n{{ m.content }}<|z|>{% endfor %}";

    private const string SystemWithToolsOnly =
        "{% for m in messages %}{% if m.role != 'system' or tools %}<|a|>{{ m.role }}\n{{ m.content }}<|z|>{% endif %}{% endfor %}"
        + "{% if tools %}{{ tools | tojson }}{% endif %}";

    private const string Parts =
        "{% for m in messages %}<|a|>{{ m.role }}\n{% for part in m.content %}{% if part.type == 'text' %}{{ part.text }}{% endif %}"
        + "{% endfor %}<|z|>{% endfor %}";

    private const string ThoughtOrText =
        "{% for m in messages %}{% if m.tool_calls %}{% if m.content and m.thinking %}{{ raise_exception('Not both.') }}{% endif %}"
        + "<|a|>thought\n{{ m.content or m.thinking }}<|z|>{% for c in m.tool_calls %}<|a|>call\n"
        + "{\"name\": \"{{ c.function.name }}\", \"arguments\": {{ c.function.arguments | tojson }}}<|z|>{% endfor %}"
        + "{% else %}<|a|>{{ m.role }}\n{% if m.thinking %}({{ m.thinking }}){% endif %}{{ m.content }}<|z|>{% endif %}{% endfor %}";

    private const string TextOnce =
        "{% set ns = namespace(called=false) %}{% for m in messages %}{% if m.tool_calls %}<|a|>call\n"
        + "{% if not ns.called %}{{ m.content or '' }}{% endif %}{% set ns.called = true %}{% for c in m.tool_calls %}"
        + "{\"name\": \"{{ c.function.name }}\", \"arguments\": {{ c.function.arguments | tojson }}}{% endfor %}<|z|>"
        + "{% else %}<|a|>{{ m.role }}\n{{ m.content }}<|z|>{% endif %}{% endfor %}";

    private static readonly Dictionary<string, Family> Families = new(StringComparer.Ordinal)
    {
        ["calls aside"] = Embedded.Families.Alternating, ["turns"] = Of(Turns), ["hoisted"] = Of(Hoisted),
        ["system with tools only"] = Of(SystemWithToolsOnly), ["parts"] = Of(Parts), ["thought or text"] = Of(ThoughtOrText),
        ["text once"] = Of(TextOnce),
    };

    /// <summary>S: a rule, U: a user, A: an answer, R: a thought, C: a call, O: its output.</summary>
    [Theory]
    [InlineData("calls aside", "UCOU"), InlineData("calls aside", "UCOCOUAU"), InlineData("calls aside", "UCOSU")]
    [InlineData("calls aside", "UACOAU"), InlineData("calls aside", "UACOACOAU"), InlineData("calls aside", "UACOU")]
    [InlineData("calls aside", "URACOAU"), InlineData("calls aside", "URARAU"), InlineData("calls aside", "AU")]
    [InlineData("turns", "URARAU"), InlineData("turns", "AU"), InlineData("turns", "SAU"), InlineData("turns", "USU")]
    [InlineData("turns", "UCOU"), InlineData("turns", "UCOSU"), InlineData("turns", "UACOAU"), InlineData("turns", "UUASUCORAU")]
    [InlineData("hoisted", "SUASU"), InlineData("hoisted", "UASUAU"), InlineData("hoisted", "SUS")]
    [InlineData("system with tools only", "SU"), InlineData("system with tools only", "SUASU")]
    [InlineData("parts", "SUAU"), InlineData("parts", "UCOAU")]
    [InlineData("thought or text", "URACOU"), InlineData("thought or text", "URACOURACOU")]
    [InlineData("text once", "UACOACO"), InlineData("text once", "UCOACOU")]
    public void All_IsInThePrompt_InWhateverOrderItCame(string name, string shape)
    {
        foreach (var tools in (object[][])[[], [Talk.Function("find")]])
        {
            var talk = new Talk(Families[name]);
            var (items, said) = Items(shape);
            var prompt = talk.Text(talk.Plan(null, new { input = items, tools }));
            Assert.Null(talk.Backend.Model.TemplateUse.Fault);
            Assert.All(said, text => Assert.Contains(text, prompt, StringComparison.Ordinal));
        }
    }

    [Theory, InlineData("hoisted", "SUASUAU"), InlineData("turns", "USUASU")]
    public void Rules_StandWhereTheyWereGiven(string name, string shape)
    {
        var talk = new Talk(Families[name]);
        var (items, said) = Items(shape);
        var prompt = talk.Text(talk.Plan(null, new { input = items }));
        var places = said.Select(text => prompt.IndexOf(text, StringComparison.Ordinal)).ToArray();
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void TextThatHasNoPlaceBeforeCalls_IsSaidOnce_BehindThem()
    {
        var talk = new Talk(Families["calls aside"]);
        var prompt = talk.Text(talk.Plan(null, new { input = Items("UACOAU").Items }));
        Assert.Contains("said 1\n\nsaid 4", prompt, StringComparison.Ordinal);
        Assert.Equal(2, prompt.Split("said 1").Length);
    }

    [Fact]
    public void ArgumentsThatATemplateWritesInItsOwnWords_AreGivenAsAnObject_ThoughItTakesTexts()
    {
        const string Own =
            "{% for m in messages %}<|a|>{{ m.role }}\n{{ m.content or '' }}{% for c in m.tool_calls or [] %}"
            + "call:{{ c.function.name + '{' }}"
            + "{% if c.function.arguments is mapping %}{% for k, v in c.function.arguments | items %}{{ k }}:<|q|>{{ v }}<|q|>"
            + "{% endfor %}{% else %}{{ c.function.arguments }}{% endif %}{{ '}' }}{% endfor %}<|z|>{% endfor %}";
        var talk = new Talk(Of(Own));
        Assert.Contains("call:find{a:<|q|>said 1<|q|>}", talk.Text(talk.Plan(null, new { input = Items("UCOU").Items })),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Thought_IsNotWrittenAsText_WhereATemplateReadsPartsByTheirText()
    {
        const string AnyText =
            "{% for m in messages %}<|a|>{{ m.role }}\n{% if m.content is string %}{{ m.content }}{% else %}{% for part in m.content %}"
            + "{% if 'text' in part %}{{ part.text }}{% endif %}{% endfor %}{% endif %}<|z|>{% endfor %}";
        var talk = new Talk(Of(AnyText));
        Assert.Null(talk.Backend.Model.Facts.ThoughtPart);
        Assert.DoesNotContain("thought 1", talk.Text(talk.Plan(null, new { input = Items("URAU").Items })), StringComparison.Ordinal);
    }

    [Fact]
    public void TemplateThatWritesNothingOfWhatIsSaid_CannotBeUsed()
    {
        var talk = new Talk(Of("{% for m in messages %}<|a|>{{ m.role }}<|z|>{% endfor %}"));
        Assert.Contains("does not write what the user says", talk.Backend.Model.TemplateUse.Fault!.Message, StringComparison.Ordinal);
    }

    private static Family Of(string template) => new(
        "case", template + "{% if add_generation_prompt %}<|a|>assistant\n{% endif %}", "<|z|>",
        [new("<|a|>"), new("<|q|>", IsControl: false), new("<|z|>", EndsTurn: true)]);

    private static (object[] Items, string[] Said) Items(string shape)
    {
        var (items, said) = (new List<object>(), new List<string>());
        var calls = 0;
        for (var at = 0; at < shape.Length; at++)
        {
            var text = $"said {at}";
            if (shape[at] != 'R') said.Add(text);
            items.Add(shape[at] switch
            {
                'S' => Talk.Developer(text),
                'U' => Talk.User(text),
                'A' => new { role = "assistant", content = text },
                'C' => new
                {
                    type = "function_call", call_id = $"call_{++calls}", name = "find", arguments = $$"""{"a": "{{text}}"}""",
                },
                'O' => Talk.Output($"call_{calls}", text),
                _ => new
                {
                    type = "reasoning", summary = Array.Empty<object>(),
                    content = new[] { new { type = "reasoning_text", text = $"thought {at}" } },
                },
            });
        }
        return ([.. items], [.. said]);
    }
}
