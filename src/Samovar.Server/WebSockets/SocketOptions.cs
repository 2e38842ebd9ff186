using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Server.WebSockets;

/// <summary>Bounds of WebSocket connections.</summary>
internal sealed class SocketOptions
{
    public const string Section = "WebSockets";

    /// <summary>Bytes of one message from a client; a longer one closes the socket with 1009.</summary>
    [Range(1024, 1 << 30)] public int MessageBytesMax { get; set; } = 16 << 20;

    /// <summary>How long a client may take to finish a message that it began; then the socket is closed with 1008.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan MessageTimeMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Turns and errors of one connection whose frames are not all written; the socket is not read while there are more.</summary>
    [Range(1, 65_536)] public int RepliesPendingMax { get; set; } = 256;

    /// <summary>How long a client may take nothing of a frame; then the socket is cut.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan WriteTimeMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the last frames and the close handshake may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")] public TimeSpan CloseTimeMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long running turns may go on after the connection has reached its age.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan AgeGraceMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a silent client is pinged.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a ping may stay unanswered; then the socket is cut.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan PingTimeMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether permessage-deflate is accepted.</summary>
    public bool Compression { get; set; } = true;

    /// <summary>Connections that may keep their compression window between messages (about 240 KB each); further ones compress each message
    /// alone.</summary>
    [Range(0, 1_000_000)] public int TakeoverConnectionsMax { get; set; } = 256;
}

[OptionsValidator]
internal sealed partial class SocketOptionsValidator : IValidateOptions<SocketOptions>;
