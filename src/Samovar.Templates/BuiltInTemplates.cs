namespace Samovar.Templates;

/// <summary>Templates for models whose file carries none.</summary>
internal static class BuiltInTemplates
{
    /// <summary>ChatML, with tools announced and called as Hermes models do.</summary>
    public const string ChatMlSource =
        """
        {%- set system = messages[0].content if messages and messages[0].role == 'system' else '' %}
        {%- if tools %}
            {{- '<|im_start|>system\n' }}
            {%- if system %}
                {{- system + '\n\n' }}
            {%- endif %}
            {{- '# Tools\n\nThese functions may be called to answer the user. Each stands on a line of its own within <tools></tools>:' }}
            {{- '\n<tools>' }}
            {%- for tool in tools %}
                {{- '\n' + tool | tojson }}
            {%- endfor %}
            {{- '\n</tools>\n\nTo call one, write a JSON object with its name and arguments within <tool_call></tool_call>:\n' }}
            {{- '<tool_call>\n{"name": <function-name>, "arguments": <arguments-object>}\n</tool_call><|im_end|>\n' }}
        {%- elif system %}
            {{- '<|im_start|>system\n' + system + '<|im_end|>\n' }}
        {%- endif %}
        {%- for message in messages %}
            {%- if message.role == 'system' and loop.first %}
                {%- continue %}
            {%- endif %}
            {%- if message.role == 'tool' %}
                {%- if loop.previtem is undefined or loop.previtem.role != 'tool' %}
                    {{- '<|im_start|>user' }}
                {%- endif %}
                {{- '\n<tool_response>\n' + message.content + '\n</tool_response>' }}
                {%- if loop.last or loop.nextitem.role != 'tool' %}
                    {{- '<|im_end|>\n' }}
                {%- endif %}
                {%- continue %}
            {%- endif %}
            {{- '<|im_start|>' + message.role + '\n' + (message.content or '') }}
            {%- for call in message.tool_calls or [] %}
                {%- if message.content or not loop.first %}
                    {{- '\n' }}
                {%- endif %}
                {{- '<tool_call>\n{"name": ' + call.function.name | tojson + ', "arguments": ' }}
                {{- call.function.arguments if call.function.arguments is string else call.function.arguments | tojson }}
                {{- '}\n</tool_call>' }}
            {%- endfor %}
            {{- '<|im_end|>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
        {%- endif %}
        """;

    public static readonly ChatTemplate ChatMl = ChatTemplate.Parse(ChatMlSource);
}
