namespace Samovar.Bench.Workloads.Certificates;

/// <summary>Templates of our own, a construct each.</summary>
internal static class TemplateFamilies
{
    private static readonly string[] ChatMl = ["<|im_end|>", "<|im_start|>", "<tool_call>", "</tool_call>", "<think>", "</think>"];

    private const string Tools = "{%- if tools %}{{- '<|im_start|>system\\nTools: ' + tools | tojson + '<|im_end|>\\n' }}{%- endif %}";
    private const string Calls = """
        {%- for call in m.tool_calls or [] %}{{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' }}
        {{- call.function.arguments if call.function.arguments is string else call.function.arguments | tojson }}
        {{- '}\n</tool_call>' }}{%- endfor %}
        """;
    private const string LastQuestion =
        "{%- set ns = namespace(question=-1) %}{%- for m in messages %}{%- if m.role == 'user' %}"
        + "{%- set ns.question = loop.index0 %}{%- endif %}{%- endfor %}";
    private const string Open = "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";

    public static readonly IReadOnlyList<TemplateFamily> All =
    [
        new("Qwen2.5: ChatML, no thoughts", Of("", "{{- m.content }}" + Calls), ChatMl) { Thought = static _ => "" },
        new("Qwen3: thoughts go at a question", Of(LastQuestion, Thinks("loop.index0 > ns.question") + "{{- m.content }}" + Calls), ChatMl),
        new("GLM-4.x: the same, clear_thinking", Of(LastQuestion,
            Thinks("loop.index0 > ns.question or (clear_thinking is defined and not clear_thinking)")
            + "{{- m.content }}" + Calls), ChatMl),
        new("Nemotron: truncate_history_thinking", Of(LastQuestion,
            Thinks("loop.index0 > ns.question or not truncate_history_thinking | default(true)") + "{{- m.content }}" + Calls), ChatMl),
        new("EXAONE: all thoughts go at once", Of("", """
            {%- set said = m.content.split('</think>')[-1] %}{{- said }}
            """ + Calls), ChatMl),
        new("SmolLM3: opening by the system text", LastQuestion + Tools + """
            {%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' }}{{- m.content }}
            """ + Calls + """
            {{- '<|im_end|>\n' }}{%- endfor %}
            {%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}
            {%- if messages[0].role == 'system' and '/no_think' in messages[0].content %}{{- '<think>\n\n</think>\n' }}
            {%- endif %}{%- endif %}
            """, ChatMl) { Thought = static _ => "" },
        new("Kimi K2: calls between marks", Tools + """
            {%- for m in messages %}{{- '<|im_start|>' + m.role + '<|im_middle|>' }}
            {%- if m.role == 'tool' %}{{- '## Return of ' + m.tool_call_id + '\n' }}{%- endif %}{{- m.content or '' }}
            """ + Calls + """
            {{- '<|im_end|>' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant<|im_middle|>' }}{%- endif %}
            """, [.. ChatMl, "<|im_middle|>"]) { Thought = static _ => "" },
        new("gpt-oss: thoughts go with the answer", """
            {%- if tools %}{{- '<|start|>developer<|message|>' + tools | tojson + '<|end|>' }}{%- endif %}
            {%- for m in messages %}
            {%- if m.role == 'assistant' and m.tool_calls %}
            {%- set later = namespace(final=false) %}
            {%- for other in messages[loop.index:] %}{%- if other.role == 'assistant' and not other.tool_calls %}
            {%- set later.final = true %}{%- endif %}{%- endfor %}
            {%- if m.reasoning_content and not later.final %}
            {{- '<|start|>assistant<|channel|>analysis<|message|>' + m.reasoning_content + '<|end|>' }}{%- endif %}
            {{- '<|start|>assistant to=functions.' + m.tool_calls[0].function.name + '<|channel|>commentary json<|message|>' }}
            {{- m.tool_calls[0].function.arguments
            if m.tool_calls[0].function.arguments is string else m.tool_calls[0].function.arguments | tojson }}
            {{- '<|call|>' }}
            {%- elif m.role == 'assistant' %}{{- '<|start|>assistant<|channel|>final<|message|>' + m.content + '<|end|>' }}
            {%- elif m.role == 'tool' %}
            {{- '<|start|>functions to=assistant<|channel|>commentary<|message|>' + m.content | tojson + '<|end|>' }}
            {%- else %}{{- '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{%- endif %}{%- endfor %}
            {%- if add_generation_prompt %}{{- '<|start|>assistant' }}{%- endif %}
            """, "<|return|>", "<|call|>", "<|start|>", "<|end|>", "<|message|>", "<|channel|>")
        {
            Thought = static thought => $"<|channel|>analysis<|message|>{thought}<|end|><|start|>assistant",
            Call = static arguments => $" to=functions.look<|channel|>commentary json<|message|>{arguments}",
            Answer = static answer => $"<|channel|>final<|message|>{answer}",
            CallEnd = "<|call|>",
        },
        new("Mistral: tools before the last question", """
            {%- set users = messages | selectattr('role', 'equalto', 'user') | list %}
            {%- for m in messages %}
            {%- if m.role == 'user' %}{%- if tools and m == users[-1] %}
            {{- '[AVAILABLE_TOOLS]' + tools | tojson + '[/AVAILABLE_TOOLS]' }}{%- endif %}
            {{- '[INST]' + m.content + '[/INST]' }}
            {%- elif m.role == 'system' %}{{- '[SYSTEM_PROMPT]' + m.content + '[/SYSTEM_PROMPT]' }}
            {%- elif m.role == 'tool' %}{{- '[TOOL_RESULTS]' + m.content + '[/TOOL_RESULTS]' }}
            {%- elif m.tool_calls %}{{- '[TOOL_CALLS]' + m.tool_calls[0].function.name + '[ARGS]' }}
            {{- m.tool_calls[0].function.arguments
            if m.tool_calls[0].function.arguments is string else m.tool_calls[0].function.arguments | tojson }}{{- '</s>' }}
            {%- else %}{{- m.content + '</s>' }}{%- endif %}{%- endfor %}
            """, "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[ARGS]",
            "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]")
        {
            Thought = static _ => "", Call = static arguments => $"[TOOL_CALLS]look[ARGS]{arguments}",
        },
        new("DeepSeek R1: opened with a thought", LastQuestion + Tools + """
            {%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' }}{{- m.content.split('</think>')[-1] }}
            """ + Calls + """
            {{- '<|im_end|>\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n<think>\n' }}{%- endif %}
            """, ChatMl) { Thought = static thought => $"{thought}\n</think>\n\n" },
        new("Llama 3.1: headers, tools at the first question", """
            {%- for m in messages %}{%- if m.role == 'tool' %}{{- '<|start_header_id|>ipython<|end_header_id|>\n\n' + m.content | tojson }}
            {%- else %}{{- '<|start_header_id|>' + m.role + '<|end_header_id|>\n\n' }}
            {%- if tools and m.role == 'user' and loop.index0 < 2 and messages[loop.index0 - 1].role != 'user' %}
            {{- 'Functions:\n' + tools | tojson + '\n\n' }}{%- endif %}
            {%- if m.tool_calls %}{{- '{"name": "' + m.tool_calls[0].function.name + '", "parameters": ' }}
            {{- m.tool_calls[0].function.arguments
            if m.tool_calls[0].function.arguments is string else m.tool_calls[0].function.arguments | tojson }}{{- '}' }}
            {%- else %}{{- m.content }}{%- endif %}{%- endif %}{{- '<|eot_id|>' }}{%- endfor %}
            {%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}
            """, "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|python_tag|>")
        {
            Thought = static _ => "", Call = static arguments => $"{{\"name\": \"look\", \"parameters\": {arguments}}}",
        },
    ];

    /// <summary>ChatML with tools at its start, and something before the loop and within each message.</summary>
    private static string Of(string before, string within) =>
        before + Tools + "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\\n' }}" + within
        + "{{- '<|im_end|>\\n' }}{%- endfor %}" + Open;

    private static string Thinks(string where) =>
        "{%- if m.reasoning_content and (" + where + ") %}{{- '<think>\\n' + m.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}";
}
