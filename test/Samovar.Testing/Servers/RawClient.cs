using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Testing.Servers;

/// <summary>A TCP connection to a server, for bytes that no well-behaved client sends.</summary>
public sealed class RawClient : IAsyncDisposable
{
    private readonly TcpClient _tcp = new();
    private readonly MemoryStream _received = new();
    private int _taken;
    private NetworkStream? _stream;

    private RawClient() { }

    private NetworkStream Stream => _stream ??= _tcp.GetStream(); // asked once: not to be had when one side is closed

    public static async Task<RawClient> ConnectAsync(RunningServer server)
    {
        var client = new RawClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        client._tcp.NoDelay = true;
        return client;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await Stream.WriteAsync(bytes, Soon.Token);

    /// <summary>Says that nothing follows; the answer can still come.</summary>
    public void EndSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Everything up to the server's end of the connection; a reset is one, too.</summary>
    public async Task<string> ReadToEndAsync()
    {
        try { while (await ReadMoreAsync()) { } }
        catch (IOException) { /* reset */ }
        return Encoding.Latin1.GetString(Rest());
    }

    /// <summary>The head of an answer, and its body by its <c>Content-Length</c>.</summary>
    public async Task<string> ReadAnswerAsync()
    {
        var head = await ReadHeadAsync();
        var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return head + Encoding.UTF8.GetString(await TakeAsync(length is null ? 0 : int.Parse(length.Split(':')[1])));
    }

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="headers">More header lines, each with its end.</param>
    /// <returns>The head of the answer.</returns>
    public async Task<string> UpgradeAsync(string headers = "")
    {
        await SendAsync("GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{headers}\r\n");
        return await ReadHeadAsync();
    }

    /// <summary>The next frame of the server: its first byte and its payload.</summary>
    public async Task<(byte Head, byte[] Payload)> ReadFrameAsync()
    {
        var head = await TakeAsync(2);
        var length = head[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await TakeAsync(2)),
            127 => (int)BinaryPrimitives.ReadInt64BigEndian(await TakeAsync(8)),
            var small => small,
        };
        return (head[0], await TakeAsync(length));
    }

    /// <summary>Frames up to the close frame.</summary>
    /// <returns>Texts, and the close's status; null where the connection ended without one.</returns>
    public async Task<(IReadOnlyList<string> Texts, int? Status)> ReadToCloseAsync()
    {
        var texts = new List<string>();
        try
        {
            while (true)
            {
                var (head, payload) = await ReadFrameAsync();
                if ((head & 0x0f) == 8) return (texts, BinaryPrimitives.ReadUInt16BigEndian(payload));
                if ((head & 0x0f) == 1) texts.Add(Encoding.UTF8.GetString(payload));
            }
        }
        catch (IOException)
        {
            return (texts, null);
        }
    }

    /// <summary>A masked frame of a client.</summary>
    /// <param name="head">FIN, RSV and opcode: 0x81 is a whole text message.</param>
    /// <param name="declared">The length that it says it has; by default that of the payload.</param>
    public static byte[] Frame(byte head, byte[] payload, ulong? declared = null)
    {
        var length = declared ?? (ulong)payload.Length;
        var frame = new MemoryStream();
        frame.WriteByte(head);
        Span<byte> wide = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(wide, length);
        if (length < 126) frame.WriteByte((byte)(0x80 | length));
        else if (length <= ushort.MaxValue)
        {
            frame.WriteByte(0x80 | 126);
            frame.Write(wide[6..]);
        }
        else
        {
            frame.WriteByte(0x80 | 127);
            frame.Write(wide);
        }
        frame.Write([0, 0, 0, 0]); // masked with zeros
        frame.Write(payload);
        return frame.ToArray();
    }

    /// <summary>The client is gone.</summary>
    public ValueTask DisposeAsync()
    {
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> ReadHeadAsync()
    {
        var end = -1;
        while ((end = Rest().IndexOf("\r\n\r\n"u8)) < 0)
            if (!await ReadMoreAsync()) throw new EndOfStreamException("The server closed: " + Encoding.Latin1.GetString(Rest()));
        return Encoding.Latin1.GetString(await TakeAsync(end + 4));
    }

    private async Task<byte[]> TakeAsync(int count)
    {
        while (_received.Length - _taken < count)
            if (!await ReadMoreAsync()) throw new EndOfStreamException();
        var bytes = Rest()[..count].ToArray();
        _taken += count;
        return bytes;
    }

    private ReadOnlySpan<byte> Rest() => _received.GetBuffer().AsSpan(_taken, (int)_received.Length - _taken);

    private async Task<bool> ReadMoreAsync()
    {
        var piece = new byte[16 << 10];
        var read = await Stream.ReadAsync(piece, Soon.Token);
        _received.Write(piece, 0, read);
        return read > 0;
    }
}
