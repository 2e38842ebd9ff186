namespace Samovar.Gateway.Choice;

/// <summary>Puts the name that the client uses in the place of the upstream's own name of the model.</summary>
/// <remarks>
/// A name stands for itself alone, not for a part of a longer one, but with the date that upstreams append to it. A name of letters only
/// may be a word of any sentence: it counts where it is quoted, or where the word before it is "model".
/// </remarks>
internal static class ModelName
{
    private const string Quotes = "'\"`", Inside = "_-";
    private static readonly string[] Before = ["model ", "model: ", "model=", "models/"];

    public static string Replaced(string message, string own, string asked)
    {
        if (own.Length == 0 || string.Equals(own, asked, StringComparison.Ordinal)) return message;
        var text = new System.Text.StringBuilder();
        var from = 0;
        while (message.IndexOf(own, from, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
        {
            var end = at + own.Length;
            end += DateLength(message.AsSpan(end));
            var stands = Stands(message, at, end) && (!own.All(char.IsAsciiLetter) || IsNamed(message, at, end));
            text.Append(message, from, at - from).Append(stands ? asked : message[at..end]);
            from = end;
        }
        return text.Append(message, from, message.Length - from).ToString();
    }

    private static bool Stands(string message, int at, int end)
    {
        if (at > 0 && IsPart(message[at - 1])) return false;
        if (end == message.Length) return true;
        // A dot or a colon may end the sentence, or go on with the name: "gpt-5.5", "qwen3:8b".
        return !IsPart(message[end])
            && !(message[end] is '.' or ':' or '/' && end + 1 < message.Length && char.IsAsciiLetterOrDigit(message[end + 1]));
    }

    private static bool IsPart(char letter) => char.IsLetterOrDigit(letter) || Inside.Contains(letter, StringComparison.Ordinal);

    private static bool IsNamed(string message, int at, int end) =>
        (at > 0 && end < message.Length && Quotes.Contains(message[at - 1], StringComparison.Ordinal) && message[end] == message[at - 1])
        || Before.Any(word => message.AsSpan(0, at).EndsWith(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>Of a snapshot's date behind the name: <c>-2026-04-24</c> or <c>-20260424</c>.</summary>
    private static int DateLength(ReadOnlySpan<char> behind) =>
        behind is ['-', ..] && behind.Length >= 11 && behind[5] == '-' && behind[8] == '-' && AreDigits(behind, 1, 4)
            && AreDigits(behind, 6, 2) && AreDigits(behind, 9, 2) ? 11
        : behind is ['-', ..] && behind.Length >= 9 && AreDigits(behind, 1, 8) ? 9 : 0;

    private static bool AreDigits(ReadOnlySpan<char> text, int at, int count) =>
        text.Slice(at, count).IndexOfAnyExceptInRange('0', '9') < 0;
}
