using System.Text;
using System.Text.RegularExpressions;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Compaction;

/// <summary>Notes on a conversation that no model writes: what can be found in it, the newest first as long as there is room.</summary>
/// <remarks>
/// The same conversation gives the same notes. What is quoted stands behind <c>&gt; </c> on one line each, so that nothing in it can end
/// the quote.
/// </remarks>
internal static partial class ExtractedNotes
{
    private const int LineChars = 240;
    private const int ErrorsOfResult = 2;
    private const int FilesMax = 40;
    private const int ArgumentCharsRead = 64 << 10;
    private const int PartOfPlan = 6, PartOfFiles = 8, PartOfBefore = 4; // of the room

    public static string Of(IReadOnlyList<Item> older, int bytesMax)
    {
        var notes = new StringBuilder();
        var before = older.Select(Window.NotesOf).LastOrDefault(static text => text is not null);
        if (before is not null) Add(notes, "Notes of before", Lines(before), bytesMax / PartOfBefore);
        Add(notes, "The last plan", Plan(older), bytesMax / PartOfPlan);
        Add(notes, "Files that were named", Files(older), bytesMax / PartOfFiles);
        Add(notes, "What was said and done", Steps(older), bytesMax - Encoding.UTF8.GetByteCount(notes.ToString()));
        return notes.Length == 0 ? "Nothing of note." : notes.ToString().TrimEnd();
    }

    /// <summary>The newest lines that have room, in the order in which they came.</summary>
    private static void Add(StringBuilder notes, string title, List<string> lines, int bytesMax)
    {
        var left = bytesMax - title.Length - 4;
        var from = lines.Count;
        for (; from > 0; from--)
        {
            left -= Encoding.UTF8.GetByteCount(lines[from - 1]) + 3;
            if (left < 0) break;
        }
        if (from == lines.Count) return;
        notes.Append(title).Append(":\n");
        foreach (var line in lines.Skip(from)) notes.Append("> ").Append(line).Append('\n');
        notes.Append('\n');
    }

    private static List<string> Lines(string text) =>
        [.. text.Split('\n').Select(static line => line.StartsWith("> ", StringComparison.Ordinal) ? line[2..] : line)
            .Select(static line => ItemText.Ends(line, LineChars)).Where(static line => line.Length > 0)];

    private static List<string> Steps(IReadOnlyList<Item> older)
    {
        var steps = new List<string>();
        foreach (var item in older)
        {
            if (Window.NotesOf(item) is not null || item is MessageItem { Role: Role.System or Role.Developer }) continue;
            if (item is IToolOutput) steps.AddRange(Errors(ItemText.Of(item)));
            if (ItemText.Ends(ItemText.Of(item), LineChars) is { Length: > 0 } text) steps.Add(Label(item) + text);
        }
        return steps;
    }

    private static string Label(Item item) => item switch
    {
        MessageItem { Role: Role.User } => "user: ",
        MessageItem => "assistant: ",
        IToolCall => "call: ",
        _ => "result: ",
    };

    /// <summary>The last lines that speak of an error, where they are not at the ends that are kept anyway.</summary>
    private static IEnumerable<string> Errors(string output) =>
        output.Split('\n').SkipLast(1).Where(static line => Failure().IsMatch(line)).TakeLast(ErrorsOfResult)
            .Select(static line => "error: " + ItemText.Ends(line, LineChars));

    private static List<string> Files(IReadOnlyList<Item> older)
    {
        var files = new List<string>();
        foreach (var item in older.Where(static item => item is IToolCall or IToolOutput or MessageItem { Role: Role.User }).Reverse())
        {
            if (files.Count >= FilesMax) break;
            foreach (Match match in FileName().Matches(ItemText.Start(ItemText.Of(item), ArgumentCharsRead)))
                if (files.Count < FilesMax && !files.Contains(match.Value, StringComparer.Ordinal)) files.Add(match.Value);
        }
        files.Reverse();
        return files;
    }

    /// <summary>The steps of the newest call whose arguments are a list of steps with states.</summary>
    private static List<string> Plan(IReadOnlyList<Item> older) => older.Reverse().OfType<FunctionCallItem>()
        .Select(static call => StepsOf(call.Arguments)).FirstOrDefault(static steps => steps.Count > 1) ?? [];

    private static List<string> StepsOf(string arguments)
    {
        if (arguments.Length > ArgumentCharsRead || !arguments.Contains("status", StringComparison.Ordinal)) return [];
        if (!RawValues.IsObject(arguments)) return [];
        return [.. RawJson.Of(arguments).Fields().Where(static field => field.Value.IsArray)
            .SelectMany(static field => field.Value.Elements()).Select(StepOf).OfType<string>()];
    }

    private static string? StepOf(RawJson step)
    {
        if (!step.IsObject || step.Text("status"u8) is not { } status) return null;
        var text = step.Fields().Where(static field => field.Name is not ("status" or "id"))
            .Select(static field => field.Value.AsText()).FirstOrDefault(static text => text is not null);
        return text is null ? null : ItemText.Ends($"[{status}] {text}", LineChars);
    }

    [GeneratedRegex(@"\b(error|failed|failure|exception|traceback|panic|fatal|denied|not found|cannot)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Failure();

    [GeneratedRegex(@"[A-Za-z0-9_~.@+-]*(/[A-Za-z0-9_.@+-]+)+\.[A-Za-z][A-Za-z0-9]{0,7}" +
        @"|[A-Za-z0-9_][A-Za-z0-9_.-]*\.[A-Za-z][A-Za-z0-9]{0,5}",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FileName();
}
