using Samovar.Grammars.Schemas;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Recognises answers that are messages with channels, by their structure, and learns what their heads are made of.</summary>
/// <remarks>
/// Such an answer begins in the prompt with a token and a role, and goes on with a token, the channel's name and a token. What the
/// comparison of two answers cannot find is fixed: that a recipient may stand before or behind the channel, as models write it in either
/// place, and templates in one.
/// </remarks>
internal static class ChannelLearner
{
    /// <summary>Null where answers are written otherwise.</summary>
    public static ModelDialect? Learn(AnswerFrame frame, LearnedThought? thoughts)
    {
        if (frame.Parts(CallProbe.Said) is not var (header, _, body) || Head(frame, header) is not var (start, role)) return null;
        var said = body.IndexOf(CallProbe.Text, StringComparison.Ordinal);
        if (said < 0 || Opening(frame, body[..said]) is not var (channel, name, message)) return null;
        if (thoughts is not null && Opening(frame, thoughts.Marks.Open) is not var (_, _, _)) return null;
        var known = ChannelMarks.Harmony;
        var (call, callEnd) = Call(frame, channel, message);
        if (call is null && frame.Body(CallProbe.One) is not null) return null; // its calls are no such messages
        var ends = (string?[])
        [
            thoughts is null ? null : FirstToken(frame, thoughts.Marks.Close),
            FirstToken(frame, body[(said + CallProbe.Text.Length)..]), callEnd,
            .. known.Ends.Where(end => frame.Control.SpellingAt(end, 0) == end),
        ];
        var marks = new ChannelMarks(start, role, channel, message, [.. ends.OfType<string>().Distinct(StringComparer.Ordinal)])
        {
            Answers = name,
            Thoughts = thoughts is null ? known.Thoughts : Opening(frame, thoughts.Marks.Open)!.Value.Name,
            Calls = ChannelOf(call, channel) ?? known.Calls,
            Constrain = frame.Control.SpellingAt(known.Constrain, 0) == known.Constrain ? known.Constrain : "",
        };
        return marks.Ends.Count == 0 || marks.Thoughts == marks.Answers ? null : ChannelDialect.Of(marks, call);
    }

    /// <summary>The token that begins a message, and the role behind it.</summary>
    private static (string Start, string Role)? Head(AnswerFrame frame, string header)
    {
        var at = frame.Control.LastIndexOfSpelling(header);
        if (at < 0) return null;
        var start = frame.Control.SpellingAt(header, at)!;
        var role = header[(at + start.Length)..].Trim();
        return IsWord(role) ? (start, role) : null;
    }

    /// <summary>A token, a word, a token, and nothing else.</summary>
    private static (string Channel, string Name, string Message)? Opening(AnswerFrame frame, string head)
    {
        head = head.Trim();
        var at = frame.Control.LastIndexOfSpelling(head);
        if (at <= 0 || frame.Control.SpellingAt(head, 0) is not { } channel || at < channel.Length) return null;
        var message = frame.Control.SpellingAt(head, at)!;
        var name = head[channel.Length..at];
        return IsWord(name) && at + message.Length == head.Length && channel != message ? (channel, name, message) : null;
    }

    private static (ToolCallHead? Head, string? End) Call(AnswerFrame frame, string channel, string message)
    {
        if (frame.Body(CallProbe.One) is not { } body) return (null, null);
        if (CallPlace.Find(body, 0, CallProbe.FirstName, CallProbe.FirstId) is not { Style: ArgumentStyle.Json } place) return (null, null);
        var (before, behind) = (body[..place.NameAt], body[place.NameEnd..place.ArgumentsAt]);
        var isHead = behind.EndsWith(message, StringComparison.Ordinal) && (before + behind).Contains(channel, StringComparison.Ordinal)
            && before.EndsWith(ChannelMarks.Recipient + ChannelMarks.Functions, StringComparison.Ordinal);
        return isHead ? (new ToolCallHead(before, behind), FirstToken(frame, body[place.ArgumentsEnd..])) : (null, null);
    }

    private static string? ChannelOf(ToolCallHead? call, string channel)
    {
        if (call is null) return null;
        var head = call.BeforeName + call.BeforeArguments;
        var from = head.IndexOf(channel, StringComparison.Ordinal) + channel.Length;
        var until = from;
        while (until < head.Length && IsLetter(head[until])) until++;
        return until == from ? null : head[from..until];
    }

    private static string? FirstToken(AnswerFrame frame, string text) =>
        frame.Control.IndexOfSpelling(text, 0) is >= 0 and var at ? frame.Control.SpellingAt(text, at) : null;

    private static bool IsWord(string text) => text.Length > 0 && text.All(IsLetter);

    private static bool IsLetter(char one) => char.IsAsciiLetter(one) || one is '_';
}
