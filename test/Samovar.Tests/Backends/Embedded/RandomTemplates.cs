using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>
/// Small chat templates by chance, of what real ones look at: earlier texts, the first and the last message, roles, counts, places,
/// thoughts, tools, flags that a loop sets and another reads.
/// </summary>
internal sealed class RandomTemplates(Random random)
{
    /// <summary>Texts that templates look for, and that conversations have now and then.</summary>
    public static readonly string[] Marks = ["/no", "##", "zz"];

    private static readonly string[] Roles = ["user", "assistant", "tool", "system"];
    private int _pieces;

    public static readonly FakeSpecial[] Specials =
        [new("<|a|>"), new("<|z|>", EndsTurn: true), new("<tool_call>", IsControl: false), new("</tool_call>", IsControl: false)];

    /// <summary>A template; the more conditions, the rarer it is that anything can be proven of it.</summary>
    public string Next()
    {
        var conditions = random.Next(4);
        var places = new string[7];
        for (var at = 0; at < conditions; at++)
        {
            var place = random.Next(places.Length);
            places[place] += Piece(inLoop: place is 1 or 2 or 3);
        }
        var thoughts = random.Next(3) switch
        {
            0 => "",
            1 => "{%- if m.reasoning_content %}{{- '(' + m.reasoning_content + ')' }}{%- endif %}",
            _ => "{%- if m.reasoning_content and loop.index0 > ns.question %}{{- '(' + m.reasoning_content + ')' }}{%- endif %}",
        };
        return string.Concat(
            "{%- set ns = namespace(flag=false, count=0, text='', question=-1) -%}",
            "{%- for m in messages -%}{%- if m.role == 'user' -%}{%- set ns.question = loop.index0 -%}{%- endif -%}",
            places[0], Watcher(), "{%- endfor -%}",
            "{%- if tools -%}<|a|>tools{%- for tool in tools -%}{{- ' ' + tool.function.name -}}{%- endfor -%}<|z|>{%- endif -%}",
            "{%- for m in messages -%}", places[1], "<|a|>{{ m.role }}\n", thoughts, "{{- m.content -}}",
            "{%- if m.role != 'assistant' -%}", places[2], "{%- endif -%}", // what is written within an answer a model would have to say
            "{%- for call in m.tool_calls or [] -%}<tool_call>\n{\"name\": \"{{ call.function.name }}\", ",
            "\"arguments\": {{ call.function.arguments }}}\n</tool_call>{%- endfor -%}",
            "<|z|>", places[3], random.Next(3) == 0 ? Watcher() : "", "{%- endfor -%}",
            "{%- if add_generation_prompt -%}", places[4], "<|a|>assistant\n", places[5], "{%- endif -%}", places[6]);
    }

    /// <summary>What is written where something holds, or what was said elsewhere.</summary>
    private string Piece(bool inLoop)
    {
        var condition = Condition(inLoop);
        if (random.Next(3) == 0) condition = $"{condition} {(random.Next(2) == 0 ? "and" : "or")} {Condition(inLoop)}";
        var written = random.Next(8) switch
        {
            0 => "{{- messages[0].content -}}",
            1 => "{{- ns.text -}}",
            2 => "{{- messages | length -}}",
            _ => $"[{++_pieces}]",
        };
        return random.Next(4) == 0
            ? $"{{%- if {condition} -%}}{written}{{%- else -%}}[{++_pieces}]{{%- endif -%}}"
            : $"{{%- if {condition} -%}}{written}{{%- endif -%}}";
    }

    /// <summary>What a loop over all messages notes.</summary>
    private string Watcher() => random.Next(6) switch
    {
        0 => $"{{%- if m.role == '{Role()}' and {Mark()} in m.content -%}}{{%- set ns.flag = true -%}}{{%- endif -%}}",
        1 => $"{{%- if m.role == '{Role()}' -%}}{{%- set ns.count = ns.count + 1 -%}}{{%- endif -%}}",
        2 => $"{{%- if {Mark()} in m.content -%}}{{%- set ns.text = m.content.split({Mark()})[-1] -%}}{{%- endif -%}}",
        3 => $"{{%- set ns.flag = m.role == '{Role()}' and m.content.startswith({Mark()}) -%}}",
        _ => "",
    };

    private string Condition(bool inLoop) => random.Next(inLoop ? 18 : 11) switch
    {
        0 => $"messages[0].role == 'system' and {Mark()} in messages[0].content",
        1 => $"{Mark()} in messages[0].content",
        2 => $"messages | length > {random.Next(12)}",
        3 => "ns.flag",
        4 => $"ns.count > {random.Next(7)}",
        5 => $"messages[-1].role == '{Role()}'",
        6 => $"{Mark()} in messages[-1].content",
        7 => $"tools and tools | length > {random.Next(3)}",
        8 => $"messages | selectattr('role', 'equalto', '{Role()}') | list | length == {random.Next(6)}",
        9 => $"messages | length % {2 + random.Next(3)} == 0",
        10 => $"messages[0].content | length > {random.Next(40)}",
        11 => "loop.last",
        12 => $"loop.index0 > {random.Next(9)}",
        13 => $"m.role == '{Role()}' and {Mark()} in m.content",
        14 => $"m.role == '{Role()}' and not loop.first and loop.previtem.role == '{Role()}'",
        15 => $"not loop.first and {Mark()} in loop.previtem.content",
        16 => $"m.content | length > {random.Next(40)}",
        _ => "loop.index0 > ns.question",
    };

    private string Role() => Roles[random.Next(Roles.Length)];

    private string Mark() => $"'{Marks[random.Next(Marks.Length)]}'";
}
