using System.Text.Json;
using Samovar.Bench.Clients;

namespace Samovar.Bench.Story;

/// <summary>Sees an answer's events, cuts the link in their middle, and knows how far they came.</summary>
/// <param name="piecesBeforeCut">Null: nothing is cut.</param>
/// <param name="silenceMax">How long nothing may come behind the cut.</param>
internal sealed class LostAnswer(int? piecesBeforeCut, TimeSpan silenceMax) : IDisposable
{
    private readonly CancellationTokenSource _silent = new();
    private Func<Task>? _cut;
    private string? _responseId;
    private int _number = -1, _pieces;
    private long _expected;

    /// <summary>The client has heard nothing for too long.</summary>
    public CancellationToken Silent => _silent.Token;
    public bool IsCut { get; private set; }

    /// <summary>To the first piece of it; null where none came.</summary>
    public TimeSpan? FirstOutput { get; private set; }

    /// <summary>Whether an event is missing between two that came.</summary>
    public bool HasGap { get; private set; }

    /// <summary>Where the answer stops; null where the protocol has no names for that.</summary>
    public ReadPoint? Point => _responseId is null ? null : new ReadPoint(_responseId, _number);

    /// <summary>The next answer is the one.</summary>
    /// <param name="cut">Of the link.</param>
    public void Expect(Func<Task> cut) => (_cut, _expected, _number) = (cut, TimeProvider.System.GetTimestamp(), -1);

    public void See(ReadOnlyMemory<byte> e)
    {
        if (_cut is null) return;
        using var json = e.Span is [(byte)'{', ..] ? JsonDocument.Parse(e) : null;
        if (json?.RootElement.TryGetProperty("sequence_number", out var number) == true) Follow(json.RootElement, number.GetInt32());
        if (IsCut) _silent.CancelAfter(silenceMax);
        if (e.Span.IndexOf("delta"u8) < 0) return;
        FirstOutput ??= TimeProvider.System.GetElapsedTime(_expected);
        if (!IsCut && ++_pieces == piecesBeforeCut) Cut();
    }

    public void Dispose() => _silent.Dispose();

    private void Follow(JsonElement e, int number)
    {
        HasGap |= number != _number + 1 && number != 0; // what is made again is numbered again
        _number = number;
        if (e.TryGetProperty("response", out var response)) _responseId = response.GetProperty("id").GetString();
    }

    private void Cut()
    {
        IsCut = true;
        _silent.CancelAfter(silenceMax);
        _cut!().GetAwaiter().GetResult(); // at once for a relay; the kernel's is told over a pipe
    }
}
