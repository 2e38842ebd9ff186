using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

/// <summary>Mutated frames on live sockets: every one is answered in the protocol's shape, and the socket still works after it.</summary>
public class FuzzTests
{
    private const int FramesOfASocket = 500;
    private const string Probe = """{"type":"response.create","model":"m","input":"[[final=alive]]","store":false}""";

    private static readonly string[] Seeds =
    [
        """{"type":"response.create","model":"m","input":"hi","store":false,"max_output_tokens":64,"temperature":0.5}""",
        """{"type":"response.create","stream_id":"a","input":[{"role":"user","content":[{"type":"input_text","text":"t"}]}]}""",
        """{"type":"response.create","generate":false,"input":[],"tools":[{"type":"function","name":"f","parameters":{}}]}""",
        """{"type":"response.create","previous_response_id":"r","input":[{"type":"function_call_output","call_id":"c","output":""}]}""",
        """{"type":"response.cancel"}""",
        """{"model":"m","input":[{"role":"user","content":"x"}],"text":{"format":{"type":"text"}},"metadata":{"k":"v"}}""",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task MutatedFrames_AreAnswered_AndTheSocketLivesOn(int seed)
    {
        var random = new Random(seed);
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        await using var socket = await server.ConnectAsync();
        for (var i = 0; i < FramesOfASocket; i++)
        {
            var frame = Mutate(random, Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]));
            await socket.SendAsync(frame, WebSocketMessageType.Binary); // text frames with broken UTF-8 must end the socket
            await socket.SendAsync(Probe);
            await Soon.In(UntilAliveAsync(socket, Convert.ToBase64String(frame)));
        }
    }

    private static async Task UntilAliveAsync(ClientSocket socket, string frame)
    {
        while (true)
        {
            var e = await socket.ReceiveAsync();
            Assert.True(e.ValueKind == JsonValueKind.Object && e.TryGetProperty("type", out _), frame);
            if (e.GetProperty("type").GetString() == "error")
            {
                Assert.InRange(e.GetProperty("status").GetInt32(), 400, 499); // a 5xx would be a hole in a check
                Assert.NotEmpty(e.GetProperty("error").GetProperty("code").GetString()!);
            }
            if (e.GetProperty("type").GetString() == "response.completed"
                && e.GetRawText().Contains("\"text\":\"alive\"", StringComparison.Ordinal)) return;
        }
    }

    private static byte[] Mutate(Random random, byte[] frame)
    {
        var bytes = frame.ToList();
        for (var times = random.Next(1, 6); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 3: bytes.InsertRange(at, "{}[]\",:0e+-\\u"u8[random.Next(12)..].ToArray()); break;
                case 4: bytes.InsertRange(at, Encoding.ASCII.GetBytes(Odd[random.Next(Odd.Length)])); break;
                default: bytes[at] = "{}[]\",:09"u8[random.Next(9)]; break;
            }
        }
        return [.. bytes];
    }

    private static readonly string[] Odd =
        ["null", "true", "-1", "1e308", "99999999999999999999", "\"\"", "[]", "{}", "\"type\":", "\\ud800", "\u0000"];
}
