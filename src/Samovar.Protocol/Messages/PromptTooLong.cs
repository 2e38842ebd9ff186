using Samovar.Protocol.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>
/// How this protocol says that a prompt does not fit into the context. Its errors have no code, so clients look for these words and compact
/// when they find them; in others they see a request that is wrong for good.
/// </summary>
internal static class PromptTooLong
{
    private const string Words = "prompt is too long";

    private static readonly string[] Ours = Errors.Errors.ContextLengthExceeded.Message.Split(["{0}", "{1}"], StringSplitOptions.None);

    /// <summary>Whether the error is that one, whoever found it.</summary>
    public static bool IsMeant(ErrorKind kind) => kind.Code == Errors.Errors.ContextLengthExceeded.Code;

    /// <summary>The message with those words; an upstream's own words stay, behind them, for whoever reads them.</summary>
    public static string Say(string message)
    {
        if (message.Contains(Words, StringComparison.OrdinalIgnoreCase)) return message;
        return Numbers(message) is var (tokens, max) ? $"{Words}: {tokens} tokens > {max} maximum" : $"{Words}: {message}";
    }

    /// <summary>The numbers in a message of ours, which may have come by way of a stored response or another Samovar.</summary>
    private static (string Tokens, string Max)? Numbers(string message)
    {
        if (!message.StartsWith(Ours[0], StringComparison.Ordinal) || !message.EndsWith(Ours[2], StringComparison.Ordinal)) return null;
        var numbers = message[Ours[0].Length..^Ours[2].Length].Split(Ours[1]);
        return numbers is [var tokens, var max] && numbers.All(number => number.All(char.IsAsciiDigit)) ? (tokens, max) : null;
    }
}
