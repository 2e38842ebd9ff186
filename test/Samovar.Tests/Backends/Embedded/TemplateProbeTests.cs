using System.Text.Json;
using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Errors;

namespace Samovar.Tests.Backends.Embedded;

public sealed class TemplateProbeTests
{
    private const string Bare = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    [Fact]
    public void ChatMl_CanDoAllButReasoning() =>
        Assert.Equal(new TemplateFacts { ReasoningField = null, EndToken = End(Families.ChatMl) }, Facts(Families.ChatMl));

    [Fact]
    public void ReasoningTemplate_CanDoAll() =>
        Assert.Equal(new TemplateFacts { EndToken = End(Families.Reasoning) }, Facts(Families.Reasoning));

    [Fact]
    public void HeadersTemplate_TakesOneCallAtATime_AndObjectsForArguments() => Assert.Equal(
        new TemplateFacts
        {
            ArgumentsAsText = false, ParallelCalls = false, TextWithCalls = false, ReasoningField = null, EndToken = End(Families.Headers),
        },
        Facts(Families.Headers));

    [Fact]
    public void AlternatingTemplate_TakesShortIds_NoSystemLater_AndUsersInTurn() => Assert.Equal(
        new TemplateFacts
        {
            ArgumentsAsText = false, ShortCallIds = true, TextWithCalls = false, UsersInRow = false, SystemLater = false,
            AssistantsInRow = false, AssistantFirst = false, UserBehindOutput = false, TextBeforeCalls = false, ReasoningField = null,
            EndToken = End(Families.Alternating),
        },
        Facts(Families.Alternating));

    [Theory]
    [InlineData("chatml", "Hermes"), InlineData("reasoning", "Hermes"), InlineData("headers", "Llama")]
    [InlineData("alternating", "Mistral"), InlineData("channels", "Harmony"), InlineData("bars", "DeepSeek")]
    public void Dialect_IsReadFromTheTemplate(string family, string dialect) =>
        Assert.Equal(dialect, Nearest(Families.All.Single(one => one.Name == family)).ToString());

    [Fact]
    public void TemplateWithoutTools_HearsOfThemInTheSystemText()
    {
        var bare = Families.ChatMl with
        {
            Template = Bare,
        };
        var talk = new Talk(bare);
        Assert.False(talk.Backend.Model.Facts.Tools);
        Assert.Equal(Dialect.Hermes, Nearest(bare));
        var text = talk.Text(talk.Plan(null, new { input = "hi", tools = new[] { Talk.Function("find") } }));
        Assert.Contains("\"name\":\"find\"", text, StringComparison.Ordinal);
        Assert.StartsWith("<|im_start|>system\n# Tools", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ 'd: ' + p.description }}", """{"type":"string"}""")]
    [InlineData("{{ p.type + '' }}", """{"enum":["a"]}""")]
    [InlineData("{{ kind(p) }}", """{"type":"object","description":"d"}""")]
    [InlineData("{{ kind(p) + p.description }}", """{"type":"array","items":{"type":"object"}}""")]
    [InlineData("{{ kind(p) }}", """{"type":"array","description":"d"}""")]
    [InlineData("{% if p.type == 'object' %}{{ p.properties | items | list | length + p.required | length }}{% endif %}",
        """{"type":"object"}""")]
    public void FieldsOfASchema_ThatATemplateNeeds_AreGivenToIt(string reads, string parameter)
    {
        const string Kind = "{%- macro kind(s) -%}{%- if s.type == 'array' -%}{{ 'List[' + kind(s['items']) + ']' }}"
            + "{%- elif s.type == 'object' -%}{{ 'Dict[str, ' + kind(s.additionalProperties) + ']' }}{%- else -%}{{ s.type or 'Any' }}"
            + "{%- endif -%}{%- endmacro -%}";
        var walking = Families.ChatMl with
        {
            Template = Kind + "{% for t in tools or [] %}{{ t.function.name }}"
                + "{% for n, p in t.function.parameters.properties | items %}<{{ n }}" + reads + ">{% endfor %}{% endfor %}" + Bare,
        };
        var parameters = new { type = "object", properties = new { deep = JsonDocument.Parse(parameter).RootElement } };
        var talk = new Talk(walking);
        Assert.True(talk.Backend.Model.Facts.Tools);
        var text = talk.Text(talk.Plan(null, new { input = "hi", tools = new[] { new { type = "function", name = "find", parameters } } }));
        Assert.Contains("find<deep", text, StringComparison.Ordinal);
        Assert.Equal(SchemaFields.None, Facts(Families.ChatMl).SchemaFields);
    }

    [Fact]
    public async Task OutputOfAnUnknownCall_HasAName_WhereTheTemplateNeedsOne_AndIsRefusedByItsPlaceElsewhere()
    {
        const string Calls = "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}";
        object body = new { input = new[] { Talk.User("hi"), Talk.Output("call_9", "sunny") } };
        var naming = new Talk(Families.ChatMl with
        {
            Template = Bare.Replace("{{ m.content }}", Calls + "{{ (m.name + ': ' if m.role == 'tool' else '') + m.content }}"),
        });
        Assert.Contains(": sunny", naming.Text(naming.Plan(null, body)), StringComparison.Ordinal);
        var looking = new Talk(Families.ChatMl with
        {
            Template = "{% set ns = namespace(asked=false) %}" + Bare.Replace("{{ m.content }}", Calls + "{% if m.tool_calls %}"
                + "{% set ns.asked = true %}{% endif %}{% if m.role == 'tool' and not ns.asked %}{{ raise_exception('lost') }}{% endif %}"
                + "{{ m.content }}"),
        });
        var refused = await Assert.ThrowsAsync<ApiException>(() => looking.AskAsync(null, body));
        Assert.Equal("input[1].call_id", refused.Param);
        Assert.Contains("no call", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TemplateThatRefusesTools_IsStillUsed()
    {
        var refusing = Families.ChatMl with
        {
            Template = "{% if tools %}{{ raise_exception('no tools') }}{% endif %}" + Bare,
        };
        var model = new Talk(refusing).Backend.Model;
        Assert.Null(model.TemplateUse.Fault);
        Assert.False(model.Facts.Tools);
        Assert.True(model.Facts.SystemRole);
    }

    /// <summary>The known dialect that a template's signs point to.</summary>
    private static Dialect Nearest(Family family) =>
        DialectChoice.Choose(new EmbeddedOptions().Dialect, family.Template, new Talk(family).Backend.Model.Facts);

    /// <summary>Without what is learned of its calls.</summary>
    private static TemplateFacts Facts(Family family) => new Talk(family).Backend.Model.Facts with { CallWriter = null };

    private static int End(Family family) => ((Samovar.Testing.Engines.FakeTokenizer)family.Engine().Tokenizer).TokenOf(family.EndsWith);
}
