namespace Samovar.Tests.Backends.Embedded;

/// <summary>A template that looks for a conversation's own words in what is said: others are not searched for them.</summary>
public sealed class OwnWordsTests
{
    /// <summary>Writes the first tool's name into every question, and looks for it there: such a head is proven by itself.</summary>
    private const string Template = "{%- if tools -%}<|a|>{{- 'system\n' -}}{%- for t in tools -%}{{- t | tojson -}}{%- endfor -%}<|z|>\n"
        + "{%- endif -%}{%- for m in messages -%}<|a|>{{ m.role + '\n' }}{%- if m.role == 'user' and tools -%}"
        + "{{- tools[0].function.name -}}{%- if tools[0].function.name in m.content -%}[x]{%- endif -%}{%- endif -%}"
        + "{{- m.content or '' }}<|z|>\n{%- endfor -%}{%- if add_generation_prompt -%}<|a|>{{- 'assistant\n' -}}{%- endif -%}";

    [Theory]
    [InlineData("begun")] // what stand-ins say, too: were it looked for everywhere, nothing could be proven any more
    [InlineData("nobody_says_this")]
    public async Task ToolsName_ThatATemplateLooksFor_ChangesNothingForOtherConversations(string name)
    {
        var talk = new Talk(WarmAndCold.FamilyOf(Template));
        var own = new object[] { Talk.Function(name) };
        var first = await talk.Says("fine").AskAsync(null, new { tools = own, input = "look around" });
        Assert.False(talk.Plan(first.Node, new { tools = own, input = "go on" }).IsIncremental);
        var other = await talk.Says("fine").AskAsync(null, new { input = "look around" });
        Assert.True(talk.Plan(other.Node, new { input = "go on" }).IsIncremental);
    }
}
