using Samovar.Grammars.Schemas;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>The dialect of messages with channels.</summary>
internal static class ChannelDialect
{
    /// <summary>All that answers are read by.</summary>
    /// <param name="marks">What heads are made of.</param>
    /// <param name="call">How the template begins a call; null where it writes none.</param>
    public static ModelDialect Of(ChannelMarks marks, ToolCallHead? call) => new("Harmony")
    {
        Channels = marks,
        Thoughts = [new PartMarks(marks.Channel + marks.Thoughts + marks.Message, marks.Ends[0]) { Behind = marks.Start + marks.Role }],
        Answers = [new PartMarks(marks.Channel + marks.Answers + marks.Message, "")],
        Formats = [Calls(marks, call)],
        Ends = [.. marks.Ends.Skip(1)], // behind a thought's end the answer goes on
    };

    /// <summary>How calls are written.</summary>
    /// <param name="own">As the template writes them; null where it writes none.</param>
    private static CallFormat Calls(ChannelMarks marks, ToolCallHead? own)
    {
        ToolCallHead[] heads =
        [
            new(ChannelMarks.Recipient + ChannelMarks.Functions, $"{marks.Channel}{marks.Calls} json{marks.Message}"),
            new(ChannelMarks.Recipient + ChannelMarks.Functions, $"{marks.Channel}{marks.Calls} {marks.Constrain}json{marks.Message}"),
            new($"{marks.Channel}{marks.Calls}{ChannelMarks.Recipient}{ChannelMarks.Functions}", $" {marks.Constrain}json{marks.Message}"),
            new($"{marks.Channel}{marks.Calls}{ChannelMarks.Recipient}{ChannelMarks.Functions}", $" json{marks.Message}"),
        ];
        var first = own ?? heads[0];
        return new CallFormat(ArgumentStyle.Json)
        {
            CallOpen = ChannelMarks.Recipient.Trim() + ChannelMarks.Functions,
            CallClose = marks.Ends.FirstOrDefault(end => end.Contains("call", StringComparison.Ordinal), ""),
            Spelling = new CallSpelling("", first.BeforeName, first.BeforeArguments, "", null, "")
            {
                OtherHeads = [.. heads.Where(head => head != first).Distinct()],
            },
        };
    }
}
