using Samovar.Gateway.Json;
using Samovar.Protocol.Json;
using MessageBlocks = Samovar.Gateway.Drivers.Messages.Blocks;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>Blocks as messages in the form that the API takes, whatever a client that knows nothing of its rules has sent.</summary>
/// <remarks>
/// A message's results stand before all else in it. A user's message without a word, which the API refuses, is a note where it stands
/// between two of the assistant's or at the end: what was a question would be the beginning of an answer. A thought is no assistant's last
/// block, and what the assistant is to go on with ends with no white space. All this depends on what stands before alone, so that a
/// history reads the same in every turn.
/// </remarks>
internal sealed class MessageList
{
    public const string User = "user", Assistant = "assistant";
    private const string NoText = "(no text)";
    private readonly List<(string Role, List<RawJson> Results, List<RawJson> Blocks)> _messages = [];
    private bool _hasBlank;

    public bool IsEmpty => _messages.Count == 0 && !_hasBlank;

    /// <param name="role">Who says it.</param>
    /// <param name="blocks">None: nothing is said.</param>
    /// <param name="isResult">Whether they are the result of a call.</param>
    public void Add(string role, List<RawJson> blocks, bool isResult)
    {
        if (blocks.Count == 0) return;
        if (role == User) _hasBlank = false;
        else SayBlank();
        if (role == User) EndOfAssistant();
        if (_messages is not [.., var last] || last.Role != role) _messages.Add(last = (role, [], []));
        (isResult ? last.Results : last.Blocks).AddRange(blocks);
    }

    /// <summary>A user's message without a word.</summary>
    public void AddBlank() => _hasBlank = _messages is not [.., { Role: User }];

    /// <summary>The model is asked to speak.</summary>
    public void EndOfAsked()
    {
        SayBlank();
        EndOfAssistant();
        if (_messages is not [.., { Role: Assistant, Blocks: var blocks }]) return;
        var (text, citations) = (TextOf(blocks[^1]), blocks[^1].OwnField("citations"u8).Elements());
        if (text is null || text.TrimEnd() is not { Length: > 0 } trimmed || trimmed.Length == text.Length) return;
        blocks[^1] = citations.Count == 0 ? MessageBlocks.Text(trimmed) : MessageBlocks.Text(trimmed, citations);
    }

    /// <param name="hasBreakpoint">Whether the cache shall reach to the end of them.</param>
    public List<RawJson> Written(bool hasBreakpoint)
    {
        SayBlank();
        EndOfAssistant();
        if (hasBreakpoint && _messages is [.., { Role: User } newest])
        {
            var end = newest.Blocks.Count > 0 ? newest.Blocks : newest.Results;
            end[^1] = MessageBlocks.WithBreakpoint(end[^1]);
        }
        return _messages.ConvertAll(message => Message(message.Role, message.Results, message.Blocks));
    }

    private void SayBlank()
    {
        if (_hasBlank) Add(User, [MessageBlocks.Text(NoText)], isResult: false);
    }

    private void EndOfAssistant()
    {
        if (_messages is not [.., { Role: Assistant, Blocks: var blocks }]) return;
        while (blocks.Count > 0 && IsThought(blocks[^1])) blocks.RemoveAt(blocks.Count - 1);
        if (blocks.Count == 0) _messages.RemoveAt(_messages.Count - 1);
    }

    private static bool IsThought(RawJson block) =>
        block.OwnField("type"u8) is var type && (type.Is("thinking"u8) || type.Is("redacted_thinking"u8));

    private static string? TextOf(RawJson block) => block.OwnField("type"u8).Is("text"u8) ? block.OwnField("text"u8).AsText() : null;

    private static RawJson Message(string role, List<RawJson> results, List<RawJson> blocks) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        writer.WriteStartArray("content"u8);
        foreach (var block in results) writer.Raw(block);
        foreach (var block in blocks) writer.Raw(block);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
