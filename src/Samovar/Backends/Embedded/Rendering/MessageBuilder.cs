using Samovar.Protocol.Items;
using Samovar.Protocol.Messages;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Turns items into messages: what one assistant turn said, thought and called becomes one message.</summary>
/// <remarks>
/// <para>
/// Consecutive reasoning, text and calls of the assistant are one message, in this order; text behind a call, or reasoning behind
/// either, begins the next one. System and developer texts at the start are one system text, instructions first.
/// </para>
/// <para>
/// Tools of <c>additional_tools</c> items before the first word of the conversation belong to the prompt's tools; later ones are
/// announced where they stand, in a system text. Items that a model can do nothing with (hosted searches, unknown kinds, a compaction
/// behind the history that it stands for) stay in the chain and are not rendered; calls of carried kinds such as <c>shell_call</c> are
/// rendered as calls with their fields as arguments.
/// </para>
/// </remarks>
internal sealed class MessageBuilder(ContentReader content, CallNames names, ToolCatalog tools, bool isStart)
{
    private readonly List<PromptMessage> _messages = [];
    private readonly List<string> _lead = [];
    private readonly List<string> _reasoning = [];
    private readonly List<string> _texts = [];
    private readonly List<PromptCall> _calls = [];
    private bool _inLead = isStart;

    /// <summary>Every tool known after the items so far.</summary>
    public ToolCatalog Tools { get; private set; } = tools;

    /// <summary>The tools of the prompt's start.</summary>
    public ToolCatalog LeadTools { get; private set; } = tools;

    /// <summary>The system text at the start; empty for none.</summary>
    public string Lead => string.Join("\n\n", _lead);

    public void AddInstructions(string? instructions)
    {
        if (!string.IsNullOrEmpty(instructions)) _lead.Add(instructions);
    }

    /// <param name="item">The next item.</param>
    /// <param name="param">Where it is in the request; null for an earlier turn's.</param>
    public void Add(Item item, string? param)
    {
        switch (CarriedBlock.AsMessage(item))
        {
            case MessageItem message: AddMessage(message, content.Text(message.Content, Within(param, ".content"))); break;
            case ReasoningItem reasoning: AddReasoning(reasoning); break;
            case FunctionCallItem call: AddCall(call, call.CallId, call.Arguments); break;
            case CustomToolCallItem call: AddCall(call, call.CallId, CarriedJson.Input(call.Input)); break;
            case OtherCallItem { CallId: { } id } call: AddCall(call, id, CarriedJson.Fields(call.Json)); break;
            case FunctionCallOutputItem output: AddOutput(output.CallId, content.Text(output.Output, Within(param, ".output"))); break;
            case CustomToolCallOutputItem output: AddOutput(output.CallId, content.Text(output.Output, Within(param, ".output"))); break;
            case OtherOutputItem { CallId: { } id } output: AddOutput(id, OtherOutput(output, param)); break;
            case AdditionalToolsItem more: AddTools(more.Tools); break;
        }
    }

    public List<PromptMessage> Finish()
    {
        EndAssistant();
        return _messages;
    }

    private static string? Within(string? param, string field) => param is null ? null : param + field;

    private void AddMessage(MessageItem message, string text)
    {
        if (message.Role == Role.Assistant)
        {
            _inLead = false;
            if (_calls.Count > 0) EndAssistant();
            _texts.Add(text);
            return;
        }
        EndAssistant();
        var isSystem = message.Role is Role.System or Role.Developer;
        if (isSystem && _inLead) _lead.Add(text);
        else Begin(new PromptMessage(isSystem ? PromptRole.System : PromptRole.User, text));
    }

    private void AddReasoning(ReasoningItem reasoning)
    {
        _inLead = false;
        if (_texts.Count > 0 || _calls.Count > 0) EndAssistant();
        var thought = reasoning.Content.Count > 0 ? reasoning.Content : reasoning.Summary;
        if (thought.Count > 0) _reasoning.Add(string.Join("\n", thought));
    }

    private void AddCall(IToolCall call, string id, string arguments)
    {
        _inLead = false;
        var name = CallNames.NameOf(call);
        names.Add(id, name);
        _calls.Add(new PromptCall(id, name, arguments));
    }

    private void AddOutput(string? callId, string text)
    {
        EndAssistant();
        Begin(new PromptMessage(PromptRole.Tool, text) { CallId = callId, CallName = names.Find(callId) });
    }

    private string OtherOutput(OtherOutputItem output, string? param) =>
        output.Output.Count > 0 ? content.Text(output.Output, Within(param, ".output")) : CarriedJson.Fields(output.Json);

    private void AddTools(ToolList list)
    {
        EndAssistant();
        var before = Tools;
        Tools = Tools.With(list);
        if (_inLead) LeadTools = Tools;
        else if (Tools != before) Begin(new PromptMessage(PromptRole.System, ToolText.Addition(Tools.Beyond(before))));
    }

    private void Begin(PromptMessage message)
    {
        _inLead = false;
        _messages.Add(message);
    }

    private void EndAssistant()
    {
        if (_reasoning.Count == 0 && _texts.Count == 0 && _calls.Count == 0) return;
        _messages.Add(new PromptMessage(PromptRole.Assistant, string.Join("\n", _texts))
        {
            Reasoning = string.Join("\n", _reasoning),
            Calls = [.. _calls],
        });
        _reasoning.Clear();
        _texts.Clear();
        _calls.Clear();
    }
}
