using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>An item of the upstream's response, and how far it has come.</summary>
internal sealed class StreamedItem(ItemClue first)
{
    private List<RawJson> _held = [];

    public string Kind { get; } = first.Kind ?? "";
    public string? Id { get; private set; } = first.Id;
    public string? CallId { get; private set; } = first.CallId;
    public int? Index { get; private set; } = first.Index;

    /// <summary>A call's name: some say it only with the arguments, or at the end.</summary>
    public string? Name { get; private set; } = first.Name;

    /// <summary>Whether the upstream announced it, and did not begin with its content.</summary>
    public bool IsAdded { get; set; }

    /// <summary>Whether enough of it is known to begin: a call has a name.</summary>
    public bool CanBegin { get; set; }
    public bool IsDone { get; set; }
    public OpenItem? Draft { get; set; }

    /// <summary>The item in the upstream's terminal event; empty where it is not there.</summary>
    public RawJson Final { get; private set; }

    public bool HasHeld => _held.Count > 0;

    /// <summary>Whether it is a message or a thought that was announced and never said a word.</summary>
    public bool SaysNothing => IsAdded && Draft is null && _held.Count == 1 && Kind is "message" or "reasoning";

    /// <summary>Takes over what a later event says and earlier ones did not.</summary>
    public void Learn(ItemClue clue)
    {
        Id ??= clue.Id;
        CallId ??= clue.CallId;
        Index ??= clue.Index;
        Name ??= clue.Name;
    }

    /// <summary>Takes the item as the terminal event has it.</summary>
    public void TakeFinal(in ObjectFields final)
    {
        Final = final.Json;
        if (CanBegin || !ItemClue.IsCall(Kind) || final.Text("name"u8) is not { Length: > 0 } name) return;
        (Name, CanBegin) = (Name ?? name, true);
    }

    /// <summary>Keeps an event until the item's turn comes.</summary>
    public void Hold(RawJson json) => _held.Add(json);

    public IReadOnlyList<RawJson> TakeHeld()
    {
        var held = _held;
        _held = [];
        return held;
    }
}
