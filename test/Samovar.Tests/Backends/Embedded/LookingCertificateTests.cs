using Samovar.Testing;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>
/// Templates that look into what was said, each in a way of its own: whatever random conversations say, a continuation is what the whole
/// would be.
/// </summary>
public sealed class LookingCertificateTests
{
    private const int Turns = 10;

    private const string Watch = "{%- set ns = namespace(flag=false, n=0, text='', users=[]) -%}{%- for m in messages -%}";

    private static readonly int Conversations =
        Math.Max(24, Asked.Number("CERTIFICATE_TURNS", 0) / 400);

    [Theory]
    [InlineData("the last message's role", "", "{%- if messages[-1].role == 'tool' -%}[x]{%- endif -%}")]
    [InlineData("the last message's end", "", "{%- if messages[-1].content.endswith('zz') -%}[x]{%- endif -%}")]
    [InlineData("the first letter of the last", "", "{%- if messages[-1].content[0] == '#' -%}[x]{%- endif -%}")]
    [InlineData("the last letter of the first", "", "{%- if messages[0].content[-1] == 'z' -%}[x]{%- endif -%}")]
    [InlineData("a slice of the first", "", "{%- if messages[0].content[:2] in ['##', 'go'] -%}[x]{%- endif -%}")]
    [InlineData("the answer before", "", "{%- if messages | length > 1 -%}{{- messages[-2].content -}}{%- endif -%}")]
    [InlineData("a mark in the answer before",
        "", "{%- if messages | length > 1 and '/no' in (messages[-2].content or '') -%}[x]{%- endif -%}")]
    [InlineData("the arguments of any call",
        Watch + "{%- for c in m.tool_calls or [] -%}{%- if '/no' in c.function.arguments | string -%}{%- set ns.flag = true -%}"
        + "{%- endif -%}{%- endfor -%}{%- endfor -%}", "{%- if ns.flag -%}[x]{%- endif -%}")]
    [InlineData("the arguments of the last call",
        Watch + "{%- for c in m.tool_calls or [] -%}{%- set ns.text = c.function.arguments | string -%}{%- endfor -%}{%- endfor -%}",
        "{{- ns.text -}}")]
    [InlineData("the name of the last call",
        Watch + "{%- for c in m.tool_calls or [] -%}{%- set ns.text = c.function.name -%}{%- endfor -%}{%- endfor -%}",
        "{%- if ns.text == 'open_it' -%}[x]{%- endif -%}")]
    [InlineData("the name of the last output", "", "{%- if messages[-1].name == 'open_it' -%}[x]{%- endif -%}")]
    [InlineData("whether any call has an id",
        Watch + "{%- for c in m.tool_calls or [] -%}{%- if c.id -%}{%- set ns.flag = true -%}{%- endif -%}{%- endfor -%}{%- endfor -%}",
        "{%- if ns.flag -%}[x]{%- endif -%}")]
    [InlineData("a text or a list of parts",
        "", "{%- if messages[-1].content is string -%}[x]{%- elif messages[-1].content is iterable -%}[y]{%- endif -%}")]
    [InlineData("two equal questions",
        Watch + "{%- if m.role == 'user' -%}{%- set ns.users = ns.users + [m.content] -%}{%- endif -%}{%- endfor -%}",
        "{%- if ns.users | length > 1 and ns.users[-1] == ns.users[-2] -%}[x]{%- endif -%}")]
    [InlineData("equal messages",
        "{%- set us = messages | selectattr('role', 'equalto', 'user') | list -%}",
        "{%- if us and us[0] == us[-1] and us | length > 1 -%}[x]{%- endif -%}")]
    [InlineData("different texts", "",
        "{%- if messages | map(attribute='content') | list | unique | list | length == messages | length -%}[x]{%- endif -%}")]
    [InlineData("the joined text's length",
        Watch + "{%- set ns.text = ns.text + (m.content or '') -%}{%- endfor -%}",
        "{%- if ns.text | length > 150 -%}[x]{%- endif -%}")]
    [InlineData("the sum of lengths",
        Watch + "{%- set ns.n = ns.n + (m.content or '') | length -%}{%- endfor -%}", "{%- if ns.n > 150 -%}[x]{%- endif -%}")]
    [InlineData("a mark over two texts",
        Watch + "{%- set ns.text = ns.text + (m.content or '') -%}{%- endfor -%}", "{%- if 'onyes' in ns.text -%}[x]{%- endif -%}")]
    [InlineData("how often a mark comes",
        Watch + "{%- if '/no' in (m.content or '') -%}{%- set ns.n = ns.n + 1 -%}{%- endif -%}{%- endfor -%}",
        "{%- if ns.n > 1 -%}[x]{%- endif -%}")]
    [InlineData("a mark from the third question on",
        Watch + "{%- if m.role == 'user' -%}{%- set ns.n = ns.n + 1 -%}{%- if ns.n > 2 and '/no' in m.content -%}"
        + "{%- set ns.flag = true -%}{%- endif -%}{%- endif -%}{%- endfor -%}", "{%- if ns.flag -%}[x]{%- endif -%}")]
    [InlineData("a mark some messages back",
        "{%- for m in messages -%}{%- if loop.revindex > 4 and '/no' in (m.content or '') -%}{%- set hit = true -%}[h]{%- endif -%}"
        + "{%- endfor -%}", "")]
    [InlineData("a mark four messages back",
        Watch + "{%- if loop.revindex == 5 and '/no' in (m.content or '') -%}{%- set ns.flag = true -%}{%- endif -%}{%- endfor -%}",
        "{%- if ns.flag -%}[x]{%- endif -%}")]
    [InlineData("a mark two questions back",
        Watch + "{%- if m.role == 'user' -%}{%- set ns.users = ns.users + [m.content] -%}{%- endif -%}{%- endfor -%}",
        "{%- if ns.users[:-2] and '/no' in ns.users[:-2][-1] -%}[x]{%- endif -%}")]
    [InlineData("a mark in the last output",
        Watch + "{%- if m.role == 'tool' -%}{%- set ns.text = m.content -%}{%- endif -%}{%- endfor -%}",
        "{%- if '##' in ns.text -%}[x]{%- endif -%}")]
    [InlineData("a mark in any output before the last question",
        Watch + "{%- if m.role == 'tool' and '##' in m.content -%}{%- set ns.flag = true -%}{%- elif m.role == 'user' and ns.flag -%}"
        + "{%- set ns.n = 1 -%}{%- endif -%}{%- endfor -%}", "{%- if ns.n -%}[x]{%- endif -%}")]
    [InlineData("what comes next", "{%- for m in messages -%}{%- if loop.nextitem is defined and (loop.nextitem.content or '')"
        + ".startswith('/no') -%}{%- if loop.last or loop.revindex0 == 1 -%}[x]{%- endif -%}{%- endif -%}{%- endfor -%}", "")]
    [InlineData("what came before, in capitals",
        Watch + "{%- set ns.flag = 'YES' in (m.content or '') | upper -%}{%- endfor -%}", "{%- if ns.flag -%}[x]{%- endif -%}")]
    [InlineData("a text as JSON", "", "{%- if '\\\"/no' in messages[-1].content | tojson -%}[x]{%- endif -%}")]
    [InlineData("a piece of the first text", "", "{{- messages[0].content.split(' ')[-1] -}}")]
    [InlineData("how many words", "", "{%- if messages[0].content.split() | length == 2 -%}[x]{%- endif -%}")]
    [InlineData("a text among others", "", "{%- if messages[-1].content in ['yes', 'ok'] -%}[x]{%- endif -%}")]
    [InlineData("a message that says one word",
        "", "{%- if messages | selectattr('content', 'equalto', 'yes') | list -%}[x]{%- endif -%}")]
    [InlineData("a text's letters", "", "{%- if messages[0].content | first == '/' -%}[x]{%- endif -%}")]
    [InlineData("a text's order", "", "{%- if messages[0].content > 'w5' -%}[x]{%- endif -%}")]
    [InlineData("a text as a key",
        "{%- set known = {'yes': '[y]', 'go on': '[g]'} -%}", "{{- known[messages[-1].content] or '' -}}")]
    [InlineData("a number in a text", "", "{%- if messages[-1].content[1:] | int > 50 -%}[x]{%- endif -%}")]
    [InlineData("the last question of several steps",
        Watch + "{%- if m.role == 'user' and not m.content.startswith('##') -%}{%- set ns.text = m.content -%}{%- endif -%}{%- endfor -%}",
        "{%- if '/no' in ns.text -%}[x]{%- endif -%}")]
    public async Task Continuation_IsAsTheWhole_HoweverTheTemplateLooks(string what, string before, string opening)
    {
        var template = before + "{%- for m in messages -%}<|a|>{{ m.role + '\n' }}{{- m.content or '' }}"
            + "{%- for call in m.tool_calls or [] -%}<tool_call>\n{\"name\": \"{{ call.function.name }}\", "
            + "\"arguments\": {{ call.function.arguments }}}\n</tool_call>{%- endfor -%}<|z|>\n{%- endfor -%}"
            + "{%- if add_generation_prompt -%}<|a|>{{- 'assistant\n' -}}" + opening + "{%- endif -%}";
        var random = new Random(template.Length);
        var talk = new Talk(WarmAndCold.FamilyOf(template));
        for (var conversation = 0; conversation < Conversations; conversation++)
            await WarmAndCold.ConverseAsync(talk, random, $"{what}\n{template}", Turns);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{what}: {talk.Backend.Model.Planner.Counts.Incremental} of {Conversations * Turns} continued");
    }
}
