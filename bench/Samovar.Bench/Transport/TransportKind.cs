namespace Samovar.Bench.Transport;

/// <summary>One way to hold the same conversation.</summary>
/// <param name="Name">As samples, the command line and the report have it.</param>
/// <param name="Words">For people.</param>
internal sealed record TransportKind(string Name, string Words)
{
    public bool IsSocket { get; init; }
    public bool IsChat { get; init; }
    public bool IsMessages { get; init; }

    /// <summary>The whole conversation goes up with each turn.</summary>
    public bool SendsAll { get; init; }
    public bool Stores { get; init; }

    /// <summary>After the first turn a frame has its input and nothing else.</summary>
    public bool IsBare { get; init; }
    public bool Deflates { get; init; }

    /// <summary>Straight to the provider, nothing of ours between.</summary>
    public bool IsDirect { get; init; }

    /// <summary>Its connection is open before the first turn begins, as where a client opens it while its user types.</summary>
    public bool OpensAhead { get; init; }

    /// <summary>
    /// The first turn is posted while the WebSocket opens, over which the next one goes on: what is stored can be continued there.
    /// </summary>
    public bool PostsFirst { get; init; }

    public static readonly TransportKind HttpDirect =
        new("http-direct", "HTTP, whole history, straight to the provider") { SendsAll = true, IsDirect = true };

    public static readonly TransportKind HttpStoredDirect =
        new("http-stored-direct", "HTTP, previous_response_id, straight to the provider") { Stores = true, IsDirect = true };

    public static readonly TransportKind SocketDirect =
        new("ws-direct", "WebSocket, store: false, straight to the provider") { IsSocket = true, IsDirect = true };

    public static readonly TransportKind HttpWhole = new("http-whole", "HTTP, whole history each turn") { SendsAll = true };
    public static readonly TransportKind HttpAhead =
        new("http-ahead", "HTTP, whole history, connection opened ahead") { SendsAll = true, OpensAhead = true };

    public static readonly TransportKind HttpStored = new("http-stored", "HTTP, previous_response_id, stored") { Stores = true };
    public static readonly TransportKind Socket = new("ws", "WebSocket, store: false") { IsSocket = true };
    public static readonly TransportKind SocketAhead =
        new("ws-ahead", "WebSocket, store: false, opened ahead") { IsSocket = true, OpensAhead = true };

    public static readonly TransportKind SocketStored = new("ws-stored", "WebSocket, store: true") { IsSocket = true, Stores = true };
    public static readonly TransportKind SocketPosted =
        new("ws-stored-posted", "WebSocket, store: true, its first turn posted while it opens")
        {
            IsSocket = true, Stores = true, PostsFirst = true,
        };

    public static readonly TransportKind SocketBare = new("ws-bare", "WebSocket, bare frames") { IsSocket = true, IsBare = true };

    public static readonly TransportKind SocketDeflate =
        new("ws-deflate", "WebSocket, store: false, permessage-deflate") { IsSocket = true, Deflates = true };

    public static readonly TransportKind SocketBareDeflate =
        new("ws-bare-deflate", "WebSocket, bare frames, permessage-deflate") { IsSocket = true, IsBare = true, Deflates = true };

    public static readonly TransportKind ChatWhole =
        new("chat-whole", "Chat Completions, whole history each turn") { SendsAll = true, IsChat = true };

    public static readonly TransportKind MessagesWhole =
        new("messages-whole", "Messages, whole history each turn") { SendsAll = true, IsMessages = true };

    /// <summary>What is measured where nobody says what: every way to speak, as it is mostly met.</summary>
    public static readonly IReadOnlyList<TransportKind> Usual =
        [HttpDirect, HttpWhole, HttpStored, Socket, SocketStored, SocketBare, SocketDeflate, SocketBareDeflate, ChatWhole];

    public static readonly IReadOnlyList<TransportKind> All =
    [
        HttpDirect, HttpStoredDirect, SocketDirect, HttpWhole, HttpAhead, HttpStored, Socket, SocketAhead, SocketStored, SocketPosted,
        SocketBare, SocketDeflate, SocketBareDeflate, ChatWhole, MessagesWhole,
    ];
}
