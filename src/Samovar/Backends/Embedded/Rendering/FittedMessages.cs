namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Messages in an order that a template takes: who may speak behind whom.</summary>
/// <param name="facts">What the template takes.</param>
/// <param name="joined">The second message with the first one's text before its own.</param>
internal sealed class FittedMessages(TemplateFacts facts, Func<PromptMessage, PromptMessage, PromptMessage> joined)
{
    /// <summary>What the assistant says where it has to speak and did not.</summary>
    private const string Word = "OK.";

    private readonly List<PromptMessage> _messages = [];
    private PromptMessage? _held; // said before calls

    public List<PromptMessage> All => _messages;

    public void Add(PromptMessage message)
    {
        switch (message.Role)
        {
            case PromptRole.System when !facts.UsersInRow && Last?.Role == PromptRole.User:
                Join(message with { Role = PromptRole.User });
                break;
            case PromptRole.User: AddUser(message); break;
            case PromptRole.Assistant when message.Calls.Count == 0: AddText(message); break;
            case PromptRole.Assistant: AddCalls(message); break;
            default: _messages.Add(message); break;
        }
    }

    private PromptMessage? Last => _messages.Count == 0 ? null : _messages[^1];

    private bool IsText => Last is { Role: PromptRole.Assistant, Calls.Count: 0 };

    private void AddUser(PromptMessage message)
    {
        var speaker = _messages.FindLast(one => one.Role != PromptRole.System)?.Role;
        if (!facts.UsersInRow && Last?.Role == PromptRole.User)
        {
            Join(message);
            return;
        }
        if (!facts.UserBehindOutput && speaker == PromptRole.Tool)
            _messages.Add(Released(new PromptMessage(PromptRole.Assistant, _held is null ? Word : "")));
        _messages.Add(message);
    }

    private void AddText(PromptMessage message)
    {
        message = Released(message);
        if (!facts.AssistantsInRow && IsText) Join(message);
        else _messages.Add(message);
    }

    private void AddCalls(PromptMessage message)
    {
        if (!IsText)
        {
            _messages.Add(message);
            return;
        }
        if (!facts.AssistantsInRow && facts.TextWithCalls)
        {
            Join(message);
            return;
        }
        if (!facts.TextBeforeCalls)
        {
            _held = Last;
            _messages.RemoveAt(_messages.Count - 1);
        }
        _messages.Add(message);
    }

    /// <summary>A message with what had no place before it.</summary>
    private PromptMessage Released(PromptMessage message)
    {
        if (_held is not { } held) return message;
        _held = null;
        return Both(held, message);
    }

    private void Join(PromptMessage message) => _messages[^1] = Both(_messages[^1], message);

    private PromptMessage Both(PromptMessage first, PromptMessage second)
    {
        var parts = new[] { first.Reasoning, second.Reasoning }.Where(part => part.Length > 0);
        var both = second.Text.Length == 0 ? second with { Text = first.Text, IsMarked = first.IsMarked } : joined(first, second);
        return both with { Reasoning = string.Join('\n', parts) };
    }
}
