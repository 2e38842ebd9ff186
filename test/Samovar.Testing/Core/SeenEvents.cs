using System.Text.Json;
using Samovar.Turns;

namespace Samovar.Testing.Core;

/// <summary>All events of a turn, as a client sees them.</summary>
internal sealed record SeenEvents(EventLog Log, IReadOnlyList<JsonElement> Events)
{
    public IReadOnlyList<string> Types => [.. Events.Select(e => e.GetProperty("type").GetString()!)];
    public string Id => Log.Response.Value;

    /// <summary>The terminal snapshot.</summary>
    public JsonElement Last => Events[^1].GetProperty("response");
    public string Status => Last.GetProperty("status").GetString()!;
    public IReadOnlyList<JsonElement> Output => [.. Last.GetProperty("output").EnumerateArray()];

    /// <summary>The text of the last message.</summary>
    public string Text => Output[^1].GetProperty("content")[0].GetProperty("text").GetString()!;
    public string CallId => Output[^1].GetProperty("call_id").GetString()!;
    public string ErrorCode => Last.GetProperty("error").GetProperty("code").GetString()!;

    public static async Task<SeenEvents> ReadAsync(EventLog log, CancellationToken readerGone)
    {
        var events = new List<JsonElement>();
        using var reader = log.Open();
        while (await reader.WaitAsync(readerGone))
        {
            reader.TryRead(out var e);
            using var document = JsonDocument.Parse(e.Json);
            events.Add(document.RootElement.Clone());
        }
        return new SeenEvents(log, events);
    }
}
