using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>What an item says, as plain text.</summary>
internal static class ItemText
{
    public static string Of(Item item) => item switch
    {
        MessageItem message => Of(message.Content),
        ReasoningItem => "", // its maker's alone
        FunctionCallItem call => call.Name + " " + call.Arguments,
        CustomToolCallItem call => call.Name + " " + call.Input,
        FunctionCallOutputItem output => Of(output.Output),
        CustomToolCallOutputItem output => Of(output.Output),
        OtherOutputItem output => Of(output.Output),
        _ => "",
    };

    public static string Of(IReadOnlyList<ContentPart> parts) => parts is [ContentPart.Text { Value: var only }] ? only
        : string.Join('\n', parts.Select(static part => part switch
        {
            ContentPart.Text text => text.Value,
            ContentPart.Refusal refusal => refusal.Value,
            _ => "",
        }));

    /// <summary>At most so many characters of its start and its end, on one line.</summary>
    public static string Ends(string text, int charsMax)
    {
        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (text.Length <= charsMax) return text;
        var head = charsMax / 3;
        var tail = text.Length - (charsMax - head);
        return text[..Whole(text, head)] + " … " + text[Whole(text, tail)..];
    }

    /// <summary>At most so many characters of its start.</summary>
    public static string Start(string text, int charsMax) => text.Length <= charsMax ? text : text[..Whole(text, charsMax)];

    /// <summary>The place, or the one before it where a character of two halves stands there.</summary>
    private static int Whole(string text, int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;
}
