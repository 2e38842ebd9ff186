using System.Text.Json;

namespace Samovar.Cli.Agents;

/// <summary>How far one turn has come, over however many connections: its events are taken in their order, each once.</summary>
internal sealed class TurnProgress(TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    public TurnReport Report { get; } = new();

    /// <summary>The turn's response, once it is known.</summary>
    public string? ResponseId { get; private set; }

    /// <summary>The number of the last event that came; -1 where none has.</summary>
    public long Last { get; private set; } = -1;
    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>False for an event that came before.</summary>
    public bool Note(JsonElement e)
    {
        if (e.TryGetProperty("response"u8, out var response) && response.ValueKind == JsonValueKind.Object
            && response.TryGetProperty("id"u8, out var id)) ResponseId ??= id.AnyString();
        if (!e.TryGetProperty("sequence_number"u8, out var said) || !said.TryGetInt64(out var number)) return true;
        if (e.GetProperty("type"u8).AnyString() == "error") return true; // about the turn, not one of its events
        if (number <= Last) return false;
        Last = number;
        return true;
    }
}
