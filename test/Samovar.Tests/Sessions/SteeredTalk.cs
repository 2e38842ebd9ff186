using System.Text.Json;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Turns;

namespace Samovar.Tests.Sessions;

/// <summary>A connection whose turns stop where a test wants them to, and what is said to it meanwhile.</summary>
internal sealed class SteeredTalk : IAsyncDisposable
{
    private readonly Dictionary<(string Text, ScriptPhase Phase), PhaseGate> _gates = [];

    public SteeredTalk(Action<SessionOptions>? sessions = null, Action<TurnOptions>? turns = null)
    {
        House = new CoreHouse(turns, sessions);
        Session = House.Sessions.Open(TenantId.Local);
        House.Backend.OnPhase = (turn, phase, ends) =>
            _gates.TryGetValue((NewestText(turn.Context.Input), phase), out var gate) ? gate.PassAsync(ends) : default;
    }

    public CoreHouse House { get; }
    public Session Session { get; }

    /// <summary>Where the turn that answers a text stops.</summary>
    public PhaseGate Hold(string text, ScriptPhase at) => _gates[(text, at)] = new PhaseGate();

    public LaneReply Send(CreateRequest request) => Session.Submit(new ClientFrame.Create(request))!;

    /// <summary>Sends a text and waits until its turn has come to the gate.</summary>
    public async Task<(LaneReply Reply, ResponseId Id, PhaseGate Gate)> SendAndHoldAsync(CreateRequest request, ScriptPhase at)
    {
        var gate = Hold(NewestText(request.Input), at);
        var reply = Send(request);
        await Soon.In(gate.Reached);
        return (reply, (await Soon.In(reply.Began)).Response, gate);
    }

    /// <summary>Says something to a running response; the code of the refusal, null where it is queued.</summary>
    public string? Steer(ResponseId response, string text)
    {
        var frame = new ClientFrame.Steer(response, RawJson.Of(JsonSerializer.Serialize(text)), [Ask.User(text)], Fault: null);
        return Say(Session, frame, text.Length);
    }

    public string? Inject(ResponseId response, params Item[] outputs)
    {
        var said = RawJson.Of($"[{string.Join(',', outputs.Select(item => item.Json))}]");
        return Say(Session, new ClientFrame.Inject(response, said, outputs), said.Utf8.Length);
    }

    /// <summary>Says something as the server does; the code of the refusal, null where it is queued.</summary>
    public static string? Say(Session session, ClientFrame frame, int bytes)
    {
        var claim = session.Claim();
        try
        {
            if (session.Steer(frame, bytes, claim) is not { } refusal) return null;
            claim.Dispose();
            return refusal.Error.Kind.Code;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>All turns that a reply leads to, and what became of what was said last.</summary>
    public static async Task<(IReadOnlyList<SeenEvents> Turns, SteerOutcome? Last)> ReadAsync(LaneReply reply)
    {
        var turns = new List<SeenEvents>();
        SteerOutcome? last = null;
        for (LaneReply? turn = reply; turn is not null; turn = last is SteerOutcome.Followed next ? turn.FollowedBy(next) : null)
        {
            turns.Add(await SeenEvents.ReadAsync(await Soon.In(turn.Began), Soon.Token));
            last = turn.IsSteered ? await Soon.In(turn.Outcome) : null;
        }
        return (turns, last);
    }

    public static string? Reason(SeenEvents seen) =>
        seen.Last.GetProperty("incomplete_details") is { ValueKind: JsonValueKind.Object } details
            ? details.GetProperty("reason").GetString() : null;

    public static string? Previous(SeenEvents seen) => seen.Last.GetProperty("previous_response_id").GetString();

    public static IReadOnlyList<string> Numbers(SeenEvents seen) =>
        [.. seen.Events.Select(e => e.GetProperty("sequence_number").GetRawText())];

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates.Values) gate.Open();
        await Session.DisposeAsync();
        House.Dispose();
    }

    private static string NewestText(IReadOnlyList<Item> input) => input.OfType<MessageItem>().LastOrDefault() is { } message
        ? string.Concat(message.Content.OfType<ContentPart.Text>().Select(part => part.Value)) : "";
}
