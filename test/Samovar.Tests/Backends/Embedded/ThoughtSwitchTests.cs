using Samovar.Backends.Embedded;
using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A template's own switch keeps earlier thoughts, where the operator wants that.</summary>
public sealed class ThoughtSwitchTests
{
    private const string Loop =
        "{%- set ns = namespace(question=0) -%}{%- for m in messages -%}{%- if m.role == 'user' -%}{%- set ns.question = loop.index0 -%}"
        + "{%- endif -%}{%- endfor -%}{%- for m in messages -%}<|a|>{{ m.role + '\n' }}"
        + "{%- if m.reasoning_content and (loop.index0 > ns.question KEPT) -%}"
        + "{{- '<think>' + m.reasoning_content + '</think>' -}}{%- endif -%}"
        + "{{- m.content -}}{%- for call in m.tool_calls or [] -%}"
        + "{{- '<tool_call>\n{\"name\": \"' + call.function.name + '\", \"arguments\": ' -}}"
        + "{{- call.function.arguments -}}{{- '}\n</tool_call>' -}}{%- endfor -%}<|z|>{%- endfor -%}"
        + "{%- if add_generation_prompt -%}<|a|>{{- 'assistant\n' -}}{%- endif -%}"
        + "{%- if enable_thinking is defined and enable_thinking is false -%}<think></think>{%- endif -%}";

    [Theory]
    [InlineData("or preserve_thinking is defined and preserve_thinking", "preserve_thinking=true")]
    [InlineData("or clear_thinking is defined and not clear_thinking", "clear_thinking=false")]
    [InlineData("or not truncate_history_thinking | default(true)", "truncate_history_thinking=false")]
    [InlineData("or keep_all_reasoning", "keep_all_reasoning=true")]
    [InlineData("", null)]
    [InlineData("or true", null)]
    [InlineData("or enable_thinking is defined and not enable_thinking", null)]
    public void Switch_IsFound_ByWhatTheTemplateWritesWithIt(string kept, string? expected) =>
        Assert.Equal(expected, new Talk(FamilyOf(kept)).Backend.Model.ThoughtSwitch?.ToString());

    [Theory, InlineData(true, 0), InlineData(false, 1)]
    public async Task Question_GoesOnFromWhatWasThought_WhereThoughtsAreKept(bool keep, int wholes)
    {
        var talk = new Talk(FamilyOf("or preserve_thinking"), new EmbeddedOptions { KeepThoughts = keep });
        ChainNode? node = null;
        object tools = new[] { Talk.Function("find") };
        const string Call = "<think>hm</think><tool_call>\n{\"name\": \"find\", \"arguments\": {\"a\": 1}}\n</tool_call>";
        foreach (var says in (string[])[Call, "<think>so</think>Done."])
        {
            talk.Says(says);
            node = (await talk.AskAsync(node, Body(node, "go"))).Node;
        }
        var before = talk.Backend.Model.Planner.Counts.Whole;
        talk.Says("<think>well</think>Yes.");
        await talk.AskAsync(node, Body(node, "more"));
        Assert.Equal(before + wholes, talk.Backend.Model.Planner.Counts.Whole);
        Assert.Equal(keep, talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray()).Contains("hm", StringComparison.Ordinal));
        Assert.Equal(talk.Plan(Talk.Cold(node), Body(node, "more")).Path.ToArray(), talk.Engine.Turns[^1].Prompt.ToArray());

        object Body(ChainNode? parent, string question) => new
        {
            tools,
            input = parent?.Output.OfType<FunctionCallItem>().FirstOrDefault() is { } call
                ? new[] { Talk.Output(call.CallId, "ok") } : [Talk.User(question)],
        };
    }

    private static Family FamilyOf(string kept) => new("switched", Loop.Replace("KEPT", kept, StringComparison.Ordinal), "<|z|>",
        [.. RandomTemplates.Specials, new FakeSpecial("<think>", IsControl: false), new FakeSpecial("</think>", IsControl: false)]);
}
