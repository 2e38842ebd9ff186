using System.Buffers;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Server.Http;
using Samovar.Server.Peers;
using Samovar.Turns;

namespace Samovar.Server.Cluster;

/// <summary>The events for another node: as they are, and nothing behind the last.</summary>
internal sealed class PeerSse : ISseForm
{
    public static readonly PeerSse Instance = new();
    private static readonly byte[] Comment = [.. ": here\n\n"u8];

    public ReadOnlyMemory<byte> End => default;
    public ReadOnlyMemory<byte> Silence => Comment;

    public int Write(in LoggedEvent e, IBufferWriter<byte> body) => ResponsesSse.Instance.Write(e, body);

    /// <summary>With its status: a node makes the same error of it.</summary>
    public void WriteRefusal(ApiException error, IBufferWriter<byte> body) =>
        SseText.Write(body, PeerEvents.Error, ErrorBody.WebSocket(error, LaneId.Default));

    /// <summary>The turn does not run here, in a stream that had to begin before that was known.</summary>
    public static void WriteRefusal(PlaceRefusal why, IBufferWriter<byte> body) =>
        SseText.Write(body, PeerEvents.Refused, PeerEvents.Refusal(why));
}
