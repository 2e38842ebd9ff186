using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Protocol.Frames;

/// <summary>One text frame from a WebSocket client, checked. Made by <c>ClientFrameReader</c>.</summary>
public abstract record ClientFrame
{
    private ClientFrame() { }

    /// <summary>The frame as it came, of one that asks for a turn.</summary>
    public ReadOnlyMemory<byte> Sent { get; internal init; }

    /// <summary><c>response.create</c>.</summary>
    public sealed record Create(CreateRequest Request) : ClientFrame;

    /// <summary>A frame without <c>type</c>: starts a conversation, or continues the newest response of the connection with settings
    /// taken over.</summary>
    public sealed record Bare(CreateRequest Request) : ClientFrame;

    /// <summary><c>response.steer</c>: what the user says while a response is being made.</summary>
    /// <param name="Response">The response that is meant; null where the frame does not name one.</param>
    /// <param name="Said">The frame's <c>input</c> as it came: it is sent back where it is refused.</param>
    /// <param name="Input">The messages in it; none where something is wrong.</param>
    /// <param name="Fault">What is wrong with the frame.</param>
    public sealed record Steer(ResponseId? Response, RawJson Said, IReadOnlyList<Item> Input, ApiException? Fault) : ClientFrame;

    /// <summary><c>response.inject</c>: outputs of calls, for the chain of a response that is being made.</summary>
    /// <inheritdoc cref="Steer" path="/param"/>
    public sealed record Inject(ResponseId Response, RawJson Said, IReadOnlyList<Item> Input, ApiException? Fault = null) : ClientFrame;

    /// <summary><c>response.cancel</c>, an extension: ends the running turn of a lane (the named response, or the lane's
    /// newest).</summary>
    public sealed record Cancel(LaneId Lane, ResponseId? Response) : ClientFrame;

    /// <summary><c>response.resume</c>, an extension: the events of a response, running or just ended, after a number.</summary>
    /// <param name="After">The last event that the client has; -1 where it has none.</param>
    public sealed record Resume(LaneId Lane, ResponseId Response, long After) : ClientFrame;
}
