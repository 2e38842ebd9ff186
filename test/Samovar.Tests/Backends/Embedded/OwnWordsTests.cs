using Samovar.Protocol.Responses;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A template that looks for a conversation's own words in what is said, such as its tools' names: no other conversation is searched
/// for them, and such a one is rendered whole.</summary>
public sealed class OwnWordsTests
{
    private static readonly FakeSpecial[] Specials = [new("<|a|>"), new("<|z|>", EndsTurn: true)];

    private const string Said = "<|a|>{{ m.role + '\n' }}{{- m.content or '' }}<|z|>\n";

    private const string Asked = "{%- if add_generation_prompt -%}<|a|>{{- 'assistant\n' -}}{%- endif -%}";

    private const string Tools = "{%- for tool in tools or [] -%}<|a|>tool {{ tool.function.name }}<|z|>\n{%- endfor -%}";

    [Theory]
    [InlineData("tool.function.name in (m.content or '')", "look around", "and again")]
    [InlineData("tool.function.name in (m.content or '')", "look at the lighthouse", "and the lighthouse again")]
    [InlineData("tool.function.name in (m.content or '')", "look at the lighthouse", "and again")]
    [InlineData("tool.function.description in (m.content or '')", "look around", "and again")]
    [InlineData("(m.content or '').startswith(tool.function.name)", "look around", "and again")]
    [InlineData("('use ' ~ tool.function.name) in (m.content or '')", "look around", "and again")]
    [InlineData("(tool.function.name | upper) in (m.content or '')", "look around", "and again")]
    [InlineData("m.role == 'user' and tool.function.name in m.content", "look around", "and again")]
    public async Task TemplateThatLooksForToolNames_IsRenderedWhole_AndRight(string condition, string question, string next)
    {
        var template = Tools + "{%- for m in messages -%}{%- for tool in tools or [] -%}{%- if " + condition
            + " -%}[t]{%- endif -%}{%- endfor -%}" + Said + "{%- endfor -%}" + Asked;
        var talk = new Talk(new Family("looks", template, "<|z|>", Specials)).Says("fine, then");
        object[] tools = [Talk.Function("lighthouse")];
        var first = await talk.AskAsync(null, new { input = new[] { Talk.User(question) }, tools });
        var body = new { input = new[] { Talk.User(next) }, tools };
        var plan = talk.Plan(first.Node, body);
        Assert.Equal((false, WholeReasons.Content), (plan.IsIncremental, plan.WholeBecause));
        Assert.Equal(talk.Text(talk.Plan(Talk.Cold(first.Node), body)), talk.Text(plan));
    }

    /// <summary>Nothing else than its own words keeps such a conversation from being continued.</summary>
    [Fact]
    public async Task TemplateThatLooksForAMarkOfItsOwn_IsContinued()
    {
        var template = Tools + "{%- for m in messages -%}{%- if '/no' in (m.content or '') -%}[n]{%- endif -%}" + Said + "{%- endfor -%}" + Asked;
        var talk = new Talk(new Family("looks", template, "<|z|>", Specials)).Says("fine, then");
        object[] tools = [Talk.Function("lighthouse")];
        var first = await talk.AskAsync(null, new { input = new[] { Talk.User("look around") }, tools });
        Assert.True(talk.Plan(first.Node, new { input = new[] { Talk.User("and again") }, tools }).IsIncremental);
    }
}
