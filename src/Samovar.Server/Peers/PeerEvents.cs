using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Samovar.Cluster;
using Samovar.Protocol.Json;
using Samovar.Relays;
using Samovar.Turns;

namespace Samovar.Server.Peers;

/// <summary>What the events of a peer's answer mean.</summary>
internal static class PeerEvents
{
    /// <summary>Names of events that stand for a refusal, or for an error, of a turn that has not begun.</summary>
    public const string Refused = "refused", Error = "error";

    /// <summary>The events to the terminal one.</summary>
    /// <param name="first">What was read already; null: nothing.</param>
    /// <param name="before">The number that the first one follows; null: any. Where it is known, there may be none.</param>
    public static async IAsyncEnumerable<LoggedEvent> ReadAsync(PeerEvent? first, long? before, PeerStream stream)
    {
        using var read = stream;
        var call = stream.Call;
        var asked = before;
        for (var next = first ?? await NextAsync(stream); ; next = await NextAsync(stream))
        {
            if (next is null && before is not null && before == asked) yield break;
            if (next is not { } one) throw call.Lost("is lost: its answer ended before its turn did");
            if (LoggedOf(one, before) is not { } e) throw call.Lost("is lost: what it says is no turn's next event");
            before = e.Number;
            call.Rest();
            yield return e;
            if (e.IsTerminal) yield break;
            call.Heard();
        }
    }

    /// <summary>What the first event says where the turn has not begun; null where it has.</summary>
    public static PeerAnswer? EndOf(PeerEvent first) => first.Name switch
    {
        Refused => RefusalIn(first.Data) ?? throw new InvalidDataException("it refused a turn without a reason"),
        Error => new PeerAnswer.Failed(PeerErrors.Read(first.Data) ?? throw new InvalidDataException("its error cannot be read")),
        _ => null,
    };

    /// <summary>Null where it is no refusal. A reason that this version does not know leads to another look, as one that it
    /// knows.</summary>
    public static PeerAnswer.Refused? RefusalIn(ReadOnlyMemory<byte> json)
    {
        if (!RawValues.IsObjectOrArray(json.Span) || new RawJson(json).Text("why"u8) is not { } why) return null;
        foreach (var known in Enum.GetValues<PlaceRefusal>())
            if (WordOf(known) == why) return new PeerAnswer.Refused(known);
        return new PeerAnswer.Refused(PlaceRefusal.Unsettled);
    }

    /// <summary>How a node says why it does not run a turn.</summary>
    public static byte[] Refusal(PlaceRefusal why) => Encoding.ASCII.GetBytes($$"""{"why":"{{WordOf(why)}}"}""");

    private static string WordOf(PlaceRefusal why) => JsonNamingPolicy.SnakeCaseLower.ConvertName(why.ToString());

    /// <summary>Whether an exception tells of the connection, or of what came over it.</summary>
    public static bool IsOfConnection(Exception exception) =>
        exception is HttpRequestException or IOException or InvalidDataException or SocketException or OperationCanceledException;

    /// <summary>The fault as the sender of a turn sees it: its own cancel, or a peer that is lost.</summary>
    public static Exception Fault(Exception fault, PeerCall call) => call.TurnCancelled.IsCancellationRequested
        ? new OperationCanceledException(fault.Message, fault, call.TurnCancelled) : call.Lost(fault);

    private static async ValueTask<PeerEvent?> NextAsync(PeerStream stream)
    {
        try
        {
            return await stream.NextAsync(stream.Call.Ended);
        }
        catch (Exception fault) when (IsOfConnection(fault))
        {
            throw Fault(fault, stream.Call);
        }
    }

    /// <summary>Null where it is not the event that comes next.</summary>
    private static LoggedEvent? LoggedOf(PeerEvent one, long? before)
    {
        if (one.Name == Error || !RawValues.IsObjectOrArray(one.Data)) return null;
        var said = new RawJson(one.Data).OwnField("sequence_number"u8).Utf8.Span;
        if (!Utf8Parser.TryParse(said, out long number, out var read) || read != said.Length) return null;
        if (before is { } last && number != last + 1) return null;
        var isTerminal = one.Name is "response.completed" or "response.failed" or "response.incomplete";
        return new LoggedEvent(number, one.Name, one.Data, isTerminal);
    }
}
