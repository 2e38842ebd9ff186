using System.Buffers;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Sessions;
using Samovar.Turns;

namespace Samovar.Server.WebSockets;

/// <summary>What goes out in one text frame.</summary>
internal static class FrameText
{
    /// <summary>The event as its log has it in writing; a named lane's carries the lane's name, a bare turn's end carries <c>output</c> on
    /// top.</summary>
    public static ReadOnlyMemory<byte> Event(LoggedEvent e, LaneReply turn)
    {
        var json = e.Json;
        if (turn.IsBare && e.IsTerminal) json = EventSplice.WithOutput(json);
        return turn.Lane.Name is { } lane ? EventSplice.WithStreamId(json, lane) : json;
    }

    /// <summary>An event that its log keeps itself, written into a pooled array.</summary>
    public static byte[] Rent(in LoggedEvent e, LaneReply turn, out int length)
    {
        using var text = JsonBuffer.Rent();
        e.WriteTo(text.Writer, turn.Lane.Name);
        var written = text.Written;
        var frame = ArrayPool<byte>.Shared.Rent(length = written.Length);
        written.CopyTo(frame);
        return frame;
    }

    public static ReadOnlyMemory<byte> Error(ApiException error, LaneId lane) => ErrorBody.WebSocket(error, lane);
}
