using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

/// <summary>Frames that break the rules of RFC 6455 and 7692: each ends its own connection, with the status that says why.</summary>
public sealed class SocketEdgeTests : IAsyncLifetime
{
    private const int MessageBytesMax = 4096;
    private const int TooBig = 1009, InvalidData = 1007, ProtocolError = 1002;
    private const string Deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    private const string Create = """{"type":"response.create","model":"m","input":"[[final=fine]]","store":false}""";
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()),
        new Dictionary<string, string?> { ["WebSockets:MessageBytesMax"] = $"{MessageBytesMax}" });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(MessageBytesMax + 1UL, 1)]
    [InlineData(70_000UL, 1)]
    [InlineData(1UL << 40, 1)]
    [InlineData(1UL << 40, 3)]
    [InlineData(ulong.MaxValue >> 1, 14)]
    public async Task DeclaredLengthBeyondTheBound_IsReportedAtOnce_AndClosed(ulong declared, int pieces)
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.UpgradeAsync();
        await SendInPiecesAsync(client, RawClient.Frame(0x81, [], declared), pieces); // of the message itself not one byte ever comes
        var (texts, status) = await client.ReadToCloseAsync();
        Assert.Equal("request_too_large", CodeOf(Assert.Single(texts)));
        Assert.Equal(TooBig, status);
    }

    [Fact]
    public async Task DeclaredLengthsOfOneMessage_AddUp()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.UpgradeAsync();
        await client.SendAsync(RawClient.Frame(0x01, new byte[MessageBytesMax - 10]));
        await client.SendAsync(RawClient.Frame(0x89, [1])); // a ping between is of no message
        await client.SendAsync(RawClient.Frame(0x00, [], 11));
        Assert.Equal(TooBig, (await client.ReadToCloseAsync()).Status);
    }

    [Fact]
    public async Task RunningTurn_EndsInOrder_WhenAMessageIsTooLong()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.UpgradeAsync();
        await client.SendAsync([.. RawClient.Frame(0x81, Encoding.UTF8.GetBytes(Create)), .. RawClient.Frame(0x81, [], 1UL << 30)]);
        var (texts, status) = await client.ReadToCloseAsync();
        Assert.Equal("request_too_large", CodeOf(texts[^1]));
        Assert.Equal(TooBig, status);
    }

    [Fact]
    public async Task Frames_CutAnywhere_AreReadAsSent()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.UpgradeAsync();
        var padded = Create.Insert(Create.Length - 1, ",\"metadata\":{\"k\":\"" + new string('x', 200) + "\"}");
        var bytes = RawClient.Frame(0x81, Encoding.UTF8.GetBytes(padded)); // a head of 8 bytes
        foreach (var pieces in new[] { 1, 2, 3, 5, 8, 9, bytes.Length })
        {
            await SendInPiecesAsync(client, bytes, pieces);
            string text;
            do text = Encoding.UTF8.GetString((await client.ReadFrameAsync()).Payload);
            while (!text.Contains("response.completed", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("00ff00ff")]
    [InlineData("ffffffff")]
    [InlineData("06")]
    public async Task BrokenCompressedMessage_IsClosedAsInvalid(string hex)
    {
        await using var client = await RawClient.ConnectAsync(_server);
        Assert.Contains("permessage-deflate", await client.UpgradeAsync(Deflate), StringComparison.Ordinal);
        await client.SendAsync(RawClient.Frame(0xC1, Convert.FromHexString(hex)));
        Assert.Equal(InvalidData, (await client.ReadToCloseAsync()).Status);
    }

    [Fact]
    public async Task BrokenSecondMessage_IsClosedAsInvalid_AndTheFirstWasAnswered()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.UpgradeAsync(Deflate);
        await client.SendAsync(RawClient.Frame(0xC1, Deflated(Create)));
        while (((await client.ReadFrameAsync()).Head & 0x0f) != 1) { }
        await client.SendAsync(RawClient.Frame(0xC1, [0xff, 0xff, 0xff, 0xff]));
        Assert.Equal(InvalidData, (await client.ReadToCloseAsync()).Status);
    }

    [Fact]
    public async Task CompressedBomb_IsTooLong()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.UpgradeAsync(Deflate);
        await client.SendAsync(RawClient.Frame(0xC1, Deflated(new string(' ', 3_000_000))));
        Assert.Equal(TooBig, (await client.ReadToCloseAsync()).Status);
    }

    /// <summary>What it sends inflates faster than it can be forgotten.</summary>
    [Fact]
    public async Task ClientThatGoesOnBehindItsClose_IsCut()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), new Dictionary<string, string?>
        {
            ["WebSockets:MessageBytesMax"] = $"{MessageBytesMax}", ["WebSockets:CloseTimeMax"] = "00:00:00.5",
        });
        await using var client = await RawClient.ConnectAsync(server);
        await client.UpgradeAsync(Deflate);
        await client.SendAsync(RawClient.Frame(0xC1, Deflated(new string(' ', 3_000_000))));
        var frame = RawClient.Frame(0xC1, Deflated(new string(' ', MessageBytesMax - 1)));
        byte[] more = [.. Enumerable.Repeat(frame, 100).SelectMany(static bytes => bytes)];
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true) await client.SendAsync(more);
        });
    }

    [Theory]
    [InlineData(0xC1, ProtocolError)] // compressed, and nobody agreed on that
    [InlineData(0x91, ProtocolError)] // a reserved bit
    [InlineData(0x83, ProtocolError)] // a reserved opcode
    [InlineData(0x80, ProtocolError)] // a continuation of nothing
    [InlineData(0x09, ProtocolError)] // a ping in pieces
    public async Task FrameThatBreaksTheRules_IsAProtocolError(int head, int expected)
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.UpgradeAsync();
        await client.SendAsync(RawClient.Frame((byte)head, [1, 2, 3]));
        Assert.Equal(expected, (await client.ReadToCloseAsync()).Status);
    }

    [Fact]
    public async Task FrameWithoutAMask_IsAProtocolError()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.UpgradeAsync();
        await client.SendAsync([0x81, 0x08, .. "{\"a\":12}"u8]);
        Assert.Equal(ProtocolError, (await client.ReadToCloseAsync()).Status);
    }

    [Theory]
    [InlineData("permessage-deflate; unheard_of", null)]
    [InlineData("permessage-deflate; client_max_window_bits=16", null)]
    [InlineData("permessage-deflate; client_no_context_takeover; client_no_context_takeover", null)]
    [InlineData("permessage-deflate; unheard_of=1, permessage-deflate", "permessage-deflate")]
    [InlineData("permessage-deflate; server_max_window_bits=\"10\"", "server_max_window_bits=10")]
    [InlineData("x-webkit-deflate-frame, permessage-deflate; client_max_window_bits", "permessage-deflate")]
    public async Task Offer_ThatCannotBeMet_IsDeclined_TheNextOneCounts(string offers, string? agreed)
    {
        await using var client = await RawClient.ConnectAsync(_server);
        var head = await client.UpgradeAsync($"Sec-WebSocket-Extensions: {offers}\r\n");
        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        if (agreed is null) Assert.DoesNotContain("Sec-WebSocket-Extensions", head, StringComparison.OrdinalIgnoreCase);
        else Assert.Contains(agreed, head, StringComparison.Ordinal);
        await client.SendAsync(RawClient.Frame(0x81, Encoding.UTF8.GetBytes(Create)));
        Assert.NotEmpty((await client.ReadFrameAsync()).Payload);
    }

    [Theory]
    [InlineData("""{"type":"response.cancel"}""", "response_cancel_not_active", false)]
    [InlineData("""{"type":"response.cancel","stream_id":"l"}""", "response_cancel_not_active", true)]
    [InlineData("""{"type":"response.cancel","response_id":"resp_none"}""", "response_not_found", false)]
    public async Task CancelOnAnIdleLane_IsAnswered(string frame, string code, bool isNamed)
    {
        await using var socket = await _server.ConnectAsync();
        for (var round = 0; round < 2; round++)
        {
            await socket.SendAsync(frame);
            var error = await Soon.In(socket.ReceiveAsync());
            Assert.Equal(code, error.GetProperty("error").GetProperty("code").GetString());
            Assert.Equal(isNamed, error.TryGetProperty("stream_id", out _));
            await socket.AskAsync(Create); // what ended is no more to be cancelled than what never was
        }
    }

    private static async Task SendInPiecesAsync(RawClient client, byte[] bytes, int pieces)
    {
        foreach (var piece in bytes.Chunk((bytes.Length + pieces - 1) / pieces))
        {
            await client.SendAsync(piece);
            await Task.Delay(2, TestContext.Current.CancellationToken); // so that they come as pieces; nothing hangs on it
        }
    }

    private static byte[] Deflated(string text)
    {
        var raw = new MemoryStream();
        using (var deflate = new DeflateStream(raw, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(Encoding.UTF8.GetBytes(text));
            deflate.Flush();
        }
        return raw.ToArray()[..^6]; // without the empty blocks at its end
    }

    private static string CodeOf(string frame) =>
        JsonDocument.Parse(frame).RootElement.GetProperty("error").GetProperty("code").GetString()!;
}
