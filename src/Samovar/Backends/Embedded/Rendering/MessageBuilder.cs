using Samovar.Context;
using Samovar.Protocol.Items;
using Samovar.Protocol.Messages;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Turns items into messages: what one assistant turn said, thought and called becomes one message.</summary>
/// <remarks>
/// <para>
/// Consecutive reasoning, text and calls of the assistant are one message, in this order; text behind a call, or reasoning behind
/// either, begins the next one. System and developer texts at the start are one system text, instructions first; but where the template
/// takes two system texts in a row, those behind the first developer message stand behind the tools. So what a client warms before it knows
/// where it will work (Codex sends its instructions first, what it may do with the first question) is the start of what follows.
/// A system message that stands behind the first question, before the model says a word, is a part of the start, too: Claude Code says
/// there where it works, and sessions that begin alike would share nothing of it behind questions that differ.
/// </para>
/// <para>
/// Tools of <c>additional_tools</c> items before the first word of the conversation belong to the prompt's tools; later ones are
/// announced where they stand, in a system text. Items that a model can do nothing with (hosted searches, unknown kinds, a compaction
/// behind the history that it stands for) stay in the chain and are not rendered; calls of carried kinds such as <c>shell_call</c> are
/// rendered as calls with their fields as arguments.
/// </para>
/// <para>
/// Outputs stand right behind the calls that they answer, whatever the client said before them. An asynchronous call that has none when
/// the model speaks again has a note in its place, for good; its output, when it comes, is a text of the user's. So what was rendered
/// never changes, and templates that want a result for each call have one.
/// </para>
/// </remarks>
/// <param name="asked">The calls of the message that stands before all that is added.</param>
internal sealed class MessageBuilder(
    PromptRoom room, CallNames names, ToolCatalog tools, bool isStart, IReadOnlyList<PromptCall>? asked = null)
{
    private readonly List<PromptMessage> _messages = [];
    private readonly List<string> _lead = [];
    private readonly List<string> _reasoning = [];
    private readonly List<string> _texts = [];
    private readonly List<PromptCall> _calls = [];
    private readonly List<PromptCall> _asked = [.. asked ?? []]; // by the model since it began to speak
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);
    private int _answersEnd; // in the messages: where the next output stands
    private bool _hasSpoken = asked is not null;
    private bool _inLead = isStart;
    private bool _isLeadSaid; // its text is whole; tools may still come
    private bool _isUnanswered = isStart; // the model has said nothing yet
    private int _startEnd; // in the messages: behind system texts of the start

    /// <summary>Every tool known after the items so far.</summary>
    public ToolCatalog Tools { get; private set; } = tools;

    /// <summary>The tools of the prompt's start.</summary>
    public ToolCatalog LeadTools { get; private set; } = tools;

    /// <summary>Whether the model has said nothing yet: what comes next may still belong to the start.</summary>
    public bool IsInStart => _isUnanswered;

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
        var ran = CarriedResult.ResultOf(item) is { } result && names.Find(result.CallId) is not null ? result : null;
        switch (ran ?? CarriedBlock.AsMessage(item))
        {
            case MessageItem message: AddMessage(message, TextOf(message.Content, param, ".content")); break;
            case ReasoningItem reasoning: AddReasoning(reasoning); break;
            case FunctionCallItem call: AddCall(call, call.CallId, call.Arguments); break;
            case CustomToolCallItem call: AddCall(call, call.CallId, CarriedJson.Input(call.Input)); break;
            case OtherCallItem { CallId: { } id } call: AddCall(call, id, CarriedJson.Fields(call.Json)); break;
            case FunctionCallOutputItem output: AddOutput(output.CallId, TextOf(output.Output, param, ".output")); break;
            case CustomToolCallOutputItem output: AddOutput(output.CallId, TextOf(output.Output, param, ".output")); break;
            case OtherOutputItem { CallId: { } id } output: AddOutput(id, OtherOutput(output, param)); break;
            case AdditionalToolsItem more: AddTools(more.Tools); break;
        }
    }

    public List<PromptMessage> Finish()
    {
        EndAnswer();
        Settle();
        return _messages;
    }

    /// <summary>The model has come to its end here: what it says next is another answer.</summary>
    public void EndAnswer()
    {
        EndAssistant();
        _hasSpoken = true;
    }

    private string TextOf(IReadOnlyList<ContentPart> parts, string? param, string field) =>
        room.Content.Text(parts, param is null ? null : param + field);

    private void AddMessage(MessageItem message, string text)
    {
        if (message.Role == Role.Assistant)
        {
            Speak();
            if (_calls.Count > 0) EndAssistant();
            _texts.Add(text);
            return;
        }
        EndAssistant();
        _hasSpoken = true;
        var isSystem = message.Role is Role.System or Role.Developer;
        if (isSystem && (_inLead || (_isUnanswered && message.Role == Role.System))) AddLead(text, message.Role);
        else Begin(new PromptMessage(isSystem ? PromptRole.System : PromptRole.User, text));
    }

    private void AddLead(string text, Role role)
    {
        if (_isLeadSaid || (!_inLead && room.HasSystemsInRow))
            _messages.Insert(_startEnd++, new PromptMessage(PromptRole.System, text)); // behind the tools, which others share
        else _lead.Add(text);
        _isLeadSaid |= role == Role.Developer && room.HasSystemsInRow;
    }

    private void AddReasoning(ReasoningItem reasoning)
    {
        Speak();
        if (_texts.Count > 0 || _calls.Count > 0) EndAssistant();
        var thought = reasoning.Content.Count > 0 ? reasoning.Content : reasoning.Summary;
        if (thought.Count > 0) _reasoning.Add(string.Join("\n", thought));
    }

    private void AddCall(IToolCall call, string id, string arguments)
    {
        Speak();
        var name = CallNames.NameOf(call);
        names.Add(id, name);
        _calls.Add(new PromptCall(id, name, arguments) { IsAsync = PendingCall.Is((Item)call) });
        _asked.Add(_calls[^1]);
    }

    private void AddOutput(string? callId, string text)
    {
        EndAssistant();
        _hasSpoken = true;
        var name = names.Find(callId);
        var isLate = name is not null && !_asked.Exists(call => call.Id == callId);
        if (isLate) Begin(new PromptMessage(PromptRole.User, $"Result of the call {callId} of {name}, which was pending:\n{text}"));
        else Answer(new PromptMessage(PromptRole.Tool, text) { CallId = callId, CallName = name });
    }

    private void Answer(PromptMessage output)
    {
        _inLead = _isUnanswered = false;
        if (output.CallId is { } id) _answered.Add(id);
        _messages.Insert(_asked.Count == 0 ? _messages.Count : _answersEnd, output);
        _answersEnd++;
    }

    /// <summary>The model speaks: where it begins to, what it asked for before is settled.</summary>
    private void Speak()
    {
        _inLead = _isUnanswered = false;
        if (!_hasSpoken) return;
        Settle();
        _hasSpoken = false;
    }

    /// <summary>Calls that have no output by now have a note instead, where they may.</summary>
    private void Settle()
    {
        foreach (var call in _asked)
            if (call.IsAsync && !_answered.Contains(call.Id))
                Answer(new PromptMessage(PromptRole.Tool, PendingCall.Note) { CallId = call.Id, CallName = call.Name });
        _asked.Clear();
        _answered.Clear();
    }

    private string OtherOutput(OtherOutputItem output, string? param) =>
        output.Output.Count > 0 ? TextOf(output.Output, param, ".output") : CarriedJson.Fields(output.Json);

    private void AddTools(ToolList list)
    {
        EndAssistant();
        _hasSpoken = true;
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
        _answersEnd = _messages.Count;
        _reasoning.Clear();
        _texts.Clear();
        _calls.Clear();
    }
}
