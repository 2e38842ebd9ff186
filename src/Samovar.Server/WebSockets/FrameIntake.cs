using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Budgets;
using Samovar.Server.Auth;
using Samovar.Sessions;

namespace Samovar.Server.WebSockets;

/// <summary>Takes a client's frames into its session. Whatever is wrong with one becomes that frame's own answer; the socket stays
/// usable.</summary>
internal sealed partial class FrameIntake(KeyRing keys, string? key, TenantId tenant, SessionHints hints, ProtocolLimits limits,
    ILogger logger)
{
    /// <summary>Sees the bytes of a message that is not whole yet.</summary>
    public Action<ReadOnlyMemory<byte>>? Begun { get; init; }

    /// <summary>Whether the key that opened the socket is still good.</summary>
    public bool IsWelcome() => keys.Opens(key, tenant);

    /// <summary>What a message will be answered with; null for one that has no answer of its own.</summary>
    public Reply? Take(Session session, Incoming incoming)
    {
        if (incoming is not Incoming.Message message)
        {
            var noRoom = session.NoRoom();
            session.NoteRefused(new CreateRequest { Lane = LaneId.Default }, noRoom);
            return new Reply.Error(LaneId.Default, noRoom);
        }
        var isTaken = false;
        try
        {
            var reply = Take(session, message, out var isQueued);
            if (isTaken = isQueued) return null; // it is answered among the events of the response that it was said to
            isTaken = reply is Reply.Turn or Reply.SteerRefused || reply is Reply.Error error && message.Claim.TrySet(error.Bytes);
            if (isTaken) return Holding(reply!, message.Claim);
            return reply is null ? null : new Reply.Error(reply.Lane, session.NoRoom());
        }
        finally
        {
            if (!isTaken) message.Claim.Dispose();
        }
    }

    /// <summary>The reply with what it holds until it is written; a turn has it already.</summary>
    private static Reply Holding(Reply reply, ByteClaim claim) => reply switch
    {
        Reply.Error said => said with { Claim = claim },
        Reply.SteerRefused refused => refused with { Claim = claim },
        _ => reply,
    };

    private Reply? Take(Session session, Incoming.Message message, out bool isQueued)
    {
        var (utf8, claim) = (message.Utf8, message.Claim);
        isQueued = false;
        var lane = LaneId.Default;
        ClientFrame? frame = null;
        try
        {
            frame = ClientFrameReader.Read(utf8, limits, hints);
            lane = LaneOf(frame);
            if (!keys.Opens(key, tenant)) throw new ApiException(Errors.InvalidApiKey); // taken away while the socket was open
            if (frame is ClientFrame.Inject { Fault: { } fault })
            {
                session.NoteRefused(new CreateRequest { Bytes = utf8.Length }, fault);
                return new Reply.Error(lane, fault) { EndsConnection = true };
            }
            if (frame is ClientFrame.Steer or ClientFrame.Inject)
            {
                var refusal = session.Steer(frame, utf8.Length, claim);
                isQueued = refusal is null;
                return refusal is null ? null : new Reply.SteerRefused(refusal, Event(frame, refusal));
            }
            return session.Take(frame, claim, (message.From, message.To)) is { } turn ? new Reply.Turn(turn) : null;
        }
        catch (ApiException exception)
        {
            if (exception.Frame is { } rejected)
            {
                lane = rejected.Lane;
                session.NoteRejectedFrame(lane, rejected.Previous);
            }
            if (frame is ClientFrame.Inject inject && exception.Kind != Errors.InvalidApiKey)
            {
                lane = session.LaneOf(inject.Response);
                session.NoteRefused(new CreateRequest { Lane = lane, Bytes = utf8.Length }, exception);
                return new Reply.Error(lane, exception) { IsBeside = true };
            }
            if (frame is null || exception.Kind == Errors.InvalidApiKey)
                session.NoteRefused(new CreateRequest { Lane = lane, Bytes = utf8.Length }, exception);
            return new Reply.Error(lane, exception);
        }
        catch (Exception exception) // the socket edge
        {
            Log.FrameFailed(logger, exception);
            return new Reply.Error(lane, new ApiException(Errors.Internal, [], cause: exception));
        }
    }

    private static byte[] Event(ClientFrame frame, SteerRefusal refusal) => frame switch
    {
        ClientFrame.Steer steer => SteerBody.Failed(refusal.Error, steer: null, steer.Response, refusal.Stream, 0, steer.Said),
        ClientFrame.Inject inject => SteerBody.InjectFailed(refusal.Error, inject.Response, refusal.Stream, 0, inject.Said),
        _ => throw new UnreachableException(),
    };

    private static LaneId LaneOf(ClientFrame frame) => frame switch
    {
        ClientFrame.Create create => create.Request.Lane,
        ClientFrame.Bare bare => bare.Request.Lane,
        ClientFrame.Cancel cancel => cancel.Lane,
        ClientFrame.Resume resume => resume.Lane,
        _ => LaneId.Default,
    };

    private static partial class Log
    {
        [LoggerMessage(8204, LogLevel.Error, "A frame could not be handled")]
        public static partial void FrameFailed(ILogger logger, Exception exception);
    }
}
