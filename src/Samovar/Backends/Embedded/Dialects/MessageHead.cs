namespace Samovar.Backends.Embedded.Dialects;

/// <summary>The head of a message with a channel, as a model wrote it.</summary>
internal sealed class MessageHead
{
    private readonly ChannelMarks _marks;
    private readonly string _head;

    public MessageHead(ChannelMarks marks, ReadOnlySpan<char> written)
    {
        (_marks, _head) = (marks, written.ToString());
        var hasRole = _head.StartsWith(marks.Start, StringComparison.Ordinal);
        var role = hasRole ? WordAt(marks.Start.Length) : "";
        IsOfAnother = role.Length > 0 && role != marks.Role;
        IsBare = hasRole && _head.AsSpan(marks.Start.Length).Trim().SequenceEqual(role);
        var channel = _head.LastIndexOf(marks.Channel, StringComparison.Ordinal);
        IsThought = channel >= 0 && WordAt(channel + marks.Channel.Length) == marks.Thoughts;
    }

    /// <summary>Whether somebody else than the model speaks.</summary>
    public bool IsOfAnother { get; }

    /// <summary>Whether it has no more than a role: of a message that did not come.</summary>
    public bool IsBare { get; }

    /// <summary>Whether the message is on the channel of thoughts.</summary>
    public bool IsThought { get; }

    /// <summary>The function that is called; null for a recipient that is none.</summary>
    public string? FunctionAmong(IOutputSink sink)
    {
        var recipient = Recipient();
        if (recipient.Length == 0) return null;
        var name = HeadText.NameIn(recipient);
        return !sink.IsOffered(name) && sink.IsOffered(recipient) ? recipient : name;
    }

    private string Recipient()
    {
        var sign = ChannelMarks.Recipient.AsSpan().TrimStart();
        for (var at = 0; at + sign.Length < _head.Length; at++)
            if ((at == 0 || !char.IsLetterOrDigit(_head[at - 1])) && _head.AsSpan(at).StartsWith(sign)) return WordAt(at + sign.Length);
        return "";
    }

    private string WordAt(int from)
    {
        while (from < _head.Length && char.IsWhiteSpace(_head[from])) from++;
        var end = from;
        while (end < _head.Length && !char.IsWhiteSpace(_head[end]) && _head[end] != '<' && !IsMarkAt(end)) end++;
        return _head[from..end];
    }

    private bool IsMarkAt(int at) => _head.AsSpan(at).StartsWith(_marks.Channel, StringComparison.Ordinal)
        || (_marks.Constrain.Length > 0 && _head.AsSpan(at).StartsWith(_marks.Constrain, StringComparison.Ordinal));
}
