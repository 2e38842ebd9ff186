using System.Text.Json;
using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Tests.Templates;

public sealed class BuiltInTemplatesTests
{
    [Fact]
    public void ChatMl_LaysOut_AToolConversation()
    {
        var rendered = Render("""
            {"messages": [
              {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Time?"},
              {"role": "assistant", "content": "", "tool_calls": [
                {"function": {"name": "now", "arguments": {"zone": "UTC"}}},
                {"function": {"name": "now", "arguments": "{\"zone\":\"CET\"}"}}]},
              {"role": "tool", "content": "12:00"}, {"role": "tool", "content": "13:00"},
              {"role": "assistant", "content": "Noon."}, {"role": "user", "content": "Thanks"}],
             "tools": [{"type": "function", "function": {"name": "now"}}], "add_generation_prompt": true}
            """);
        Assert.StartsWith("<|im_start|>system\nBe brief.\n\n# Tools\n\n", rendered, StringComparison.Ordinal);
        Assert.Contains(
            "\n<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"now\"}}\n</tools>\n", rendered, StringComparison.Ordinal);
        Assert.EndsWith(
            """
            <|im_end|>
            <|im_start|>user
            Time?<|im_end|>
            <|im_start|>assistant
            <tool_call>
            {"name": "now", "arguments": {"zone": "UTC"}}
            </tool_call>
            <tool_call>
            {"name": "now", "arguments": {"zone":"CET"}}
            </tool_call><|im_end|>
            <|im_start|>user
            <tool_response>
            12:00
            </tool_response>
            <tool_response>
            13:00
            </tool_response><|im_end|>
            <|im_start|>assistant
            Noon.<|im_end|>
            <|im_start|>user
            Thanks<|im_end|>
            <|im_start|>assistant

            """, rendered, StringComparison.Ordinal);
    }

    [Fact]
    public void ChatMl_LaysOut_APlainConversation() => Assert.Equal(
        "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nyo<|im_end|>\n",
        Render("""{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]}"""));

    private static string Render(string json)
    {
        var variables = JsonDocument.Parse(json).RootElement.EnumerateObject()
            .ToDictionary(one => one.Name, one => TemplateValue.FromJson(one.Value));
        return BuiltInTemplates.ChatMl.Render(variables, TemplateLimits.Default, TimeProvider.System, CancellationToken.None);
    }
}
