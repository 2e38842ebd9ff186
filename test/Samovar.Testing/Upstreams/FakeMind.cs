using System.Text.Json;

namespace Samovar.Testing.Upstreams;

/// <summary>
/// What a fake upstream says: how many items it sees, so that a lost or doubled history shows. Calls a tool when the newest user message
/// asks for one.
/// </summary>
internal static class FakeMind
{
    public const string AskForTool = "use the tool";
    public const string AsksForNotes = "will be replaced by notes that you write now";
    public const string Notes = "The task is to count the apples in basket.txt. It has seven apples by cat, and the pears come next.";
    public const string ToolArguments = """{"path":"a.txt"}""";

    /// <param name="Seen">Everything the upstream has in its context, one JSON text each.</param>
    public sealed record Answer(string? Text, string? ToolName, IReadOnlyList<string> Seen);

    public static Answer Think(IReadOnlyList<string> seen, string? firstTool)
    {
        if (seen.Count > 0 && seen[^1].Contains(AsksForNotes, StringComparison.Ordinal)) return new Answer(Notes, null, seen);
        var asks = seen.Count > 0 && seen[^1].Contains(AskForTool, StringComparison.Ordinal);
        return asks && firstTool is not null ? new Answer(null, firstTool, seen) : new Answer($"seen {seen.Count}", null, seen);
    }

    public static List<string> Texts(JsonElement array) => array.EnumerateArray().Select(element => element.GetRawText()).ToList();
}

/// <summary>The prompt cache of one account: how much of a context it has seen before. Nothing is shared between accounts.</summary>
internal sealed class FakeCache
{
    private readonly HashSet<string> _prefixes = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Length of the longest known start; remembers the whole.</summary>
    public int CachedCharacters(IReadOnlyList<string> context)
    {
        lock (_lock)
        {
            var (start, cached) = ("", 0);
            foreach (var item in context)
            {
                start += item;
                if (!_prefixes.Add(start)) cached = start.Length;
            }
            return cached;
        }
    }
}
