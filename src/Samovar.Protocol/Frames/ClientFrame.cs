using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Protocol.Frames;

/// <summary>One text frame from a WebSocket client, checked. Made by <c>ClientFrameReader</c>.</summary>
public abstract record ClientFrame
{
    private ClientFrame() { }

    /// <summary><c>response.create</c>.</summary>
    public sealed record Create(CreateRequest Request) : ClientFrame;

    /// <summary>A frame without <c>type</c>: starts a conversation, or continues the newest response of the connection with settings
    /// taken over.</summary>
    public sealed record Bare(CreateRequest Request) : ClientFrame;

    /// <summary><c>response.steer</c>: more input for a response that is being made. What the frame said is sent back where it is
    /// refused.</summary>
    public sealed record Steer(LaneId Lane, ResponseId? Previous, RawJson Input) : ClientFrame;

    /// <summary><c>response.cancel</c>, an extension: ends the running turn of a lane (the named response, or the lane's
    /// newest).</summary>
    public sealed record Cancel(LaneId Lane, ResponseId? Response) : ClientFrame;

    /// <summary><c>response.resume</c>, an extension: the events of a response, running or just ended, after a number.</summary>
    /// <param name="After">The last event that the client has; -1 where it has none.</param>
    public sealed record Resume(LaneId Lane, ResponseId Response, long After) : ClientFrame;
}
