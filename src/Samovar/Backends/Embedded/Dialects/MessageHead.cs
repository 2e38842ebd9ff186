using System.Text.RegularExpressions;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>The head of a message with a channel, as a model wrote it.</summary>
internal sealed partial class MessageHead
{
    private readonly string _recipient;

    public MessageHead(ChannelMarks marks, ReadOnlySpan<char> written)
    {
        var head = written.ToString();
        if (head.StartsWith(marks.Start, StringComparison.Ordinal))
        {
            var role = Word().Match(head, marks.Start.Length).Value;
            IsOfAnother = role.Length > 0 && role != marks.Role;
        }
        _recipient = Recipient().Match(head).Groups["name"].Value;
        var channel = head.LastIndexOf(marks.Channel, StringComparison.Ordinal);
        IsThought = channel >= 0 && Word().Match(head, channel + marks.Channel.Length).Value.Trim() == marks.Thoughts;
    }

    /// <summary>Whether somebody else than the model speaks.</summary>
    public bool IsOfAnother { get; }

    /// <summary>Whether the message is on the channel of thoughts.</summary>
    public bool IsThought { get; }

    /// <summary>The function that is called; null for a recipient that is none.</summary>
    public string? FunctionAmong(IOutputSink sink)
    {
        if (_recipient.Length == 0) return null;
        var name = HeadText.NameIn(_recipient);
        return !sink.IsOffered(name) && sink.IsOffered(_recipient) ? _recipient : name;
    }

    [GeneratedRegex(@"\bto=(?<name>[^\s<]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Recipient();

    [GeneratedRegex(@"\G\s*[^\s<]*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
