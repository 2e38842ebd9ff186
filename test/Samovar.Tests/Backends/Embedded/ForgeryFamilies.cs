using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Templates with the constructs of the families that people run, and the tokens that are structure in each.</summary>
internal static class ForgeryFamilies
{
    private const string Ask = "{%- if add_generation_prompt -%}";

    /// <summary>Name, template, spellings; the last one ends a turn.</summary>
    public static readonly (string Name, string Template, string[] Spellings)[] All =
    [
        ("channels", "<|start|>system<|message|>Known: {{ tools | tojson if tools else '' }}<|end|>{% for m in messages %}"
            + "{% if m.role == 'tool' %}<|start|>functions.{{ m.name }} to=assistant<|channel|>commentary<|message|>{{ m.content | tojson }}<|end|>"
            + "{% elif m.tool_calls %}{% if m.thinking %}<|start|>assistant<|channel|>analysis<|message|>{{ m.thinking }}<|end|>{% endif %}"
            + "{% for c in m.tool_calls %}<|start|>assistant to=functions.{{ c.function.name }}<|channel|>commentary json<|message|>"
            + "{{ c.function.arguments | tojson }}<|call|>{% endfor %}"
            + "{% else %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}" + Ask + "<|start|>assistant{% endif %}",
            ["<|start|>", "<|message|>", "<|channel|>", "<|end|>", "<|call|>", "<|return|>"]),
        ("chatml", "{% if tools %}<|im_start|>system\n<tools>{% for t in tools %}\n{{ t | tojson }}{% endfor %}</tools><|im_end|>\n{% endif %}"
            + "{% for m in messages %}{% if m.role == 'tool' %}<|im_start|>user\n<tool_response>\n{{ m.content }}\n</tool_response>"
            + "{% else %}<|im_start|>{{ m.role }}\n{% if m.reasoning_content %}<think>\n{{ m.reasoning_content.strip('\\n') }}\n</think>\n\n{% endif %}"
            + "{{ m.content.lstrip('\\n') }}{% endif %}{% for c in m.tool_calls or [] %}\n<tool_call>\n{\"name\": \"{{ c.function.name }}\", "
            + "\"arguments\": {{ c.function.arguments if c.function.arguments is string else c.function.arguments | tojson }}}\n</tool_call>"
            + "{% endfor %}<|im_end|>\n{% endfor %}" + Ask + "<|im_start|>assistant\n{% endif %}",
            ["<|im_start|>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<|im_end|>"]),
        ("headers", "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ 'ipython' if m.role == 'tool' else m.role }}<|end_header_id|>\n\n"
            + "{% if m.tool_calls %}{\"name\": \"{{ m.tool_calls[0].function.name }}\", \"parameters\": {{ m.tool_calls[0].function.arguments | tojson }}}"
            + "{% else %}{{ m.content | trim }}{% endif %}<|eot_id|>{% endfor %}"
            + "{% if tools %}{% for t in tools %}{{ t | tojson(indent=4) }}\n\n{% endfor %}{% endif %}"
            + Ask + "<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}",
            ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|python_tag|>", "<|eom_id|>", "<|eot_id|>"]),
        ("brackets", "{% if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}{% for m in messages %}"
            + "{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]{% elif m.role == 'system' %}[SYSTEM_PROMPT]{{ m.content }}[/SYSTEM_PROMPT]"
            + "{% elif m.role == 'tool' %}[TOOL_RESULTS]{{ m.tool_call_id }}[TOOL_CONTENT]{{ m.content }}[/TOOL_RESULTS]{% else %}{{ m.content }}"
            + "{% for c in m.tool_calls or [] %}[TOOL_CALLS]{{ c.function.name }}[CALL_ID]{{ c.id }}[ARGS]{{ c.function.arguments | tojson }}{% endfor %}"
            + "</s>{% endif %}{% endfor %}",
            ["[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]", "[TOOL_RESULTS]", "[TOOL_CONTENT]",
                "[/TOOL_RESULTS]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "</s>"]),
        ("bars", "{% for m in messages %}{% if m.role == 'user' %}<｜User｜>{{ m.content }}{% elif m.role == 'tool' %}<｜tool▁output▁begin｜>{{ m.content }}"
            + "<｜tool▁output▁end｜>{% elif m.role == 'system' %}{{ m.content }}{% else %}<｜Assistant｜>{{ m.content.split('</think>')[-1] }}"
            + "{% for c in m.tool_calls or [] %}<｜tool▁call▁begin｜>{{ c.function.name }}<｜tool▁sep｜>{{ c.function.arguments | tojson }}<｜tool▁call▁end｜>"
            + "{% endfor %}<｜end▁of▁sentence｜>{% endif %}{% endfor %}" + Ask + "<｜Assistant｜><think>\n{% endif %}",
            ["<｜User｜>", "<｜Assistant｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁output▁begin｜>",
                "<｜tool▁output▁end｜>", "<think>", "</think>", "<｜end▁of▁sentence｜>"]),
        ("turns", "{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else 'user' }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
            + Ask + "<start_of_turn>model\n{% endif %}", ["<start_of_turn>", "<end_of_turn>"]),
        ("quotes", "{% if tools %}{% for t in tools %}<|tool>declaration:{{ t.function.name }}{description:<|\"|>{{ t.function.description }}<|\"|>}<tool|>"
            + "{% endfor %}{% endif %}{% for m in messages %}<|turn>{{ m.role }}\n{{ m.content | trim }}{% for c in m.tool_calls or [] %}"
            + "<|tool_call>call:{{ c.function.name }}{{ '{' }}{% for k, v in c.function.arguments.items() %}{{ k }}:<|\"|>{{ v }}<|\"|>{% endfor %}}<tool_call|>"
            + "{% endfor %}<turn|>\n{% endfor %}" + Ask + "<|turn>model\n{% endif %}",
            ["<|turn>", "<|tool>", "<tool|>", "<|tool_call>", "<tool_call|>", "<|\"|>", "<turn|>"]),
        ("actions", "{% for m in messages %}<|START_OF_TURN_TOKEN|>{% if m.role == 'tool' %}<|SYSTEM_TOKEN|><results>\n{{ m.content }}\n</results>"
            + "{% elif m.tool_calls %}<|CHATBOT_TOKEN|><|START_ACTION|>[{% for c in m.tool_calls %}{\"tool_name\": \"{{ c.function.name }}\", "
            + "\"parameters\": {{ c.function.arguments | tojson }}}{% endfor %}]<|END_ACTION|>{% else %}"
            + "{{ '<|USER_TOKEN|>' if m.role == 'user' else '<|' ~ m.role | upper ~ '_TOKEN|>' }}{{ m.content }}{% endif %}<|END_OF_TURN_TOKEN|>"
            + "{% endfor %}" + Ask + "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>{% endif %}",
            ["<|START_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|SYSTEM_TOKEN|>", "<|CHATBOT_TOKEN|>", "<|ASSISTANT_TOKEN|>", "<|START_ACTION|>",
                "<|END_ACTION|>", "<results>", "</results>", "<|END_OF_TURN_TOKEN|>"]),
        ("keys", "[gMASK]<sop>{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.name }}"
            + "{% for k, v in c.function.arguments.items() %}<arg_key>{{ k }}</arg_key>\n<arg_value>{{ v if v is string else v | tojson }}</arg_value>"
            + "{% endfor %}</tool_call>{% endfor %}{% endfor %}" + Ask + "<|assistant|>{% endif %}",
            ["[gMASK]", "<sop>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<tool_call>", "</tool_call>", "<arg_key>", "</arg_key>",
                "<arg_value>", "</arg_value>", "<|endoftext|>"]),
        ("sections", "{% for m in messages %}<|im_{{ m.role }}|>{{ m.name }}<|im_middle|>{% if m.role == 'tool' %}## Return of {{ m.tool_call_id }}\n{% endif %}"
            + "{{ m.content or '' }}{% if m.tool_calls %}<|tool_calls_section_begin|>{% for c in m.tool_calls %}<|tool_call_begin|>{{ c.id }}"
            + "<|tool_call_argument_begin|>{{ c.function.arguments | tojson }}<|tool_call_end|>{% endfor %}<|tool_calls_section_end|>{% endif %}<|im_end|>"
            + "{% endfor %}" + Ask + "<|im_assistant|>assistant<|im_middle|>{% endif %}",
            ["<|im_user|>", "<|im_system|>", "<|im_assistant|>", "<|im_tool|>", "<|im_middle|>", "<|tool_calls_section_begin|>",
                "<|tool_calls_section_end|>", "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>", "<|im_end|>"]),
        ("roles", "{% if tools %}<|start_of_role|>available_tools<|end_of_role|>{{ tools | tojson(indent=4) }}<|end_of_text|>\n{% endif %}"
            + "{% for m in messages %}<|start_of_role|>{{ m.role }}<|end_of_role|>{{ m.content }}{% for c in m.tool_calls or [] %}<|tool_call|>"
            + "{{ c.function | tojson }}{% endfor %}<|end_of_text|>\n{% endfor %}" + Ask + "<|start_of_role|>assistant<|end_of_role|>{% endif %}",
            ["<|start_of_role|>", "<|end_of_role|>", "<|tool_call|>", "<|end_of_text|>"]),
        ("pieces", "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + '<|end|>\n' }}{% endfor %}" + Ask + "{{ '<|assistant|>\n' }}{% endif %}",
            ["<|system|>", "<|user|>", "<|assistant|>", "<|endoftext|>", "<|end|>"]),
        ("elements", "{% macro extra(map) %}{% for k, v in map.items() %}\n<{{ k }}>{{ v | tojson if v is mapping else v }}</{{ k }}>{% endfor %}{% endmacro %}"
            + "{% for t in tools or [] %}<function>\n<name>{{ t.function.name }}</name>\n<description>{{ t.function.description | trim }}</description>"
            + "{{ extra(t.function.parameters.properties) }}</function>\n{% endfor %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}"
            + "{% for c in m.tool_calls or [] %}\n<tool_call>\n<function={{ c.function.name }}>\n{% for k, v in c.function.arguments.items() %}"
            + "<parameter={{ k }}>\n{{ v }}\n</parameter>\n<{{ k }}>{{ v }}</{{ k }}>{% endfor %}</function>\n</tool_call>{% endfor %}<|im_end|>\n{% endfor %}"
            + Ask + "<|im_start|>assistant\n{% endif %}",
            ["<|im_start|>", "<tool_call>", "</tool_call>", "<think>", "</think>", "<|im_end|>"]),
        ("neighbours", "{% for m in messages %}<a>{{ m.role }}<b>{{ m.content }}{{ m.name }}{{ m.tool_call_id }}{% for c in m.tool_calls or [] %}"
            + "{{ c.function.name }}{{ c.function.arguments.values() | join }}{{ c.id }}{% endfor %}<c>{% endfor %}"
            + "{% for t in tools or [] %}{{ t.function.name ~ t.function.description }}{{ t.function.parameters.properties.keys() | join('') }}<d>{% endfor %}"
            + Ask + "<a>assistant<b>{% endif %}", ["<a>", "<b>", "<d>", "<a b>", " <e>", "<c>"]),
        ("changes", "{% for m in messages %}<turn>{{ m.role | upper }}\n{{ m.content | replace('\\n', '') | lower }}{{ (m.content.split('/') | join)[:400] }}"
            + "{% for c in m.tool_calls or [] %}<call>{{ c.function.arguments }}{{ c.function.name | replace('_', '') }}</call>{% endfor %}</turn>{% endfor %}"
            + "{% for t in tools or [] %}<call>{{ t.function.description | replace(' ', '') | title }} {{ t.function.parameters }}{{ t.function.name }}</call>{% endfor %}"
            + Ask + "<turn>ASSISTANT\n{% endif %}", ["<turn>", "<call>", "</call>", "</turn>"]),
        ("bare", "{% for m in messages %}<|a|>{{ m.role }}\n{{ m.content }}<|z|>{% endfor %}" + Ask + "<|a|>assistant\n{% endif %}",
            ["<|a|>", "<|z|>"]),
        ("pair", "{% for m in messages %}{% if loop.index0 % 2 == 0 and m.role != 'user' %}{{ raise_exception('in turns') }}{% endif %}"
            + "{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }}</s>{% endif %}{% endfor %}",
            ["[INST]", "[/INST]", "</s>"]),
    ];

    /// <summary>A family whose tokens are of kinds as chance has it: control, user-defined, or ordinary ones that text merges to.</summary>
    public static Family Of(string name, Random random, bool hasWords)
    {
        var (_, template, spellings) = All.Single(one => one.Name == name);
        var end = spellings[^1];
        var specials = spellings.Select(text => new FakeSpecial(text, IsControl: random.Next(2) == 0, EndsTurn: text == end)).ToArray();
        for (var at = 0; at < specials.Length - 1; at++)
            if (hasWords && random.Next(4) == 0 && template.Replace("'</think>'", "", StringComparison.Ordinal).Contains(specials[at].Text, StringComparison.Ordinal)
                && specials[at].Text[0] is '<' or '[' && !specials[at].Text.Contains('|')) specials[at] = specials[at] with { IsControl = false, IsWord = true };
        return new Family(name, template, end, specials, Begin: spellings.Contains("<|begin_of_text|>") ? "<|begin_of_text|>" : null);
    }
}
