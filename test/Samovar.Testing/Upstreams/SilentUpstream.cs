using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace Samovar.Testing.Upstreams;

/// <summary>Says that it is a Samovar, begins each response, and says nothing more of it, whoever resumes it.</summary>
internal sealed class SilentUpstream : SocketUpstream
{
    protected override IReadOnlyList<(string Name, string Value)> Headers => [("x-samovar", "1"), ("x-samovar-resume", "true")];

    /// <summary>Responses that it was asked to make.</summary>
    public int Creates => Frames.Count(frame =>
        !frame.TryGetProperty("type", out var type) || type.GetString() == "response.create");

    /// <summary>How often somebody asked for the rest of one.</summary>
    public int Resumes => Frames.Count(frame => frame.TryGetProperty("type", out var type) && type.GetString() == "response.resume");

    public static async Task<SilentUpstream> StartAsync()
    {
        var upstream = new SilentUpstream();
        await upstream.ListenAsync();
        return upstream;
    }

    protected override async Task ServeAsync(WebSocket socket, CancellationToken ended)
    {
        while (await ReceiveAsync(socket, ended) is { } frame)
        {
            if (frame.TryGetProperty("type", out var type) && type.GetString() != "response.create") continue;
            var lane = frame.TryGetProperty("stream_id", out var name) ? $"\"stream_id\":{JsonSerializer.Serialize(name)}," : "";
            await SendAsync(socket, "{" + lane
                + """ "type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"m","status":"in_progress"}}""");
        }
    }

    protected override Task<SeenResponse?> SpeakAsync(WebSocket socket, List<string> seen, CancellationToken ended) =>
        throw new UnreachableException();
}
