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

    private const string LooksForTools = "{%- for tool in tools or [] -%}<|a|>tool {{ tool.function.name }}<|z|>\n{%- endfor -%}"
        + "{%- for m in messages -%}{%- for tool in tools or [] -%}{%- if tool.function.name in (m.content or '') -%}[t]{%- endif -%}"
        + "{%- endfor -%}" + Said + "{%- endfor -%}" + Asked;

    private const string LooksForAMark = "{%- for m in messages -%}{%- if '/no' in (m.content or '') -%}[n]{%- endif -%}" + Said
        + "{%- endfor -%}" + Asked;

    [Fact]
    public async Task TemplateThatLooksForToolNames_IsRenderedWhole_AndRightBothTimes()
    {
        var talk = new Talk(new Family("looks", LooksForTools, "<|z|>", Specials)).Says("fine, then");
        object[] tools = [Talk.Function("lighthouse")];
        var first = await talk.AskAsync(null, new { input = new[] { Talk.User("look at the lighthouse") }, tools });
        var next = new { input = new[] { Talk.User("and the lighthouse again") }, tools };
        var plan = talk.Plan(first.Node, next);
        Assert.Equal((false, WholeReasons.Content), (plan.IsIncremental, plan.WholeBecause));
        Assert.Equal(talk.Text(talk.Plan(Talk.Cold(first.Node), next)), talk.Text(plan));
    }

    /// <summary>The other one shows that nothing else than its own words keeps the first from being continued.</summary>
    [Fact]
    public async Task TemplateThatLooksForAMarkOfItsOwn_IsContinued()
    {
        var talk = new Talk(new Family("looks", LooksForAMark, "<|z|>", Specials)).Says("fine, then");
        var first = await talk.AskAsync(null, new { input = new[] { Talk.User("look at the lighthouse") } });
        Assert.True(talk.Plan(first.Node, new { input = new[] { Talk.User("and the lighthouse again") } }).IsIncremental);
    }
}
