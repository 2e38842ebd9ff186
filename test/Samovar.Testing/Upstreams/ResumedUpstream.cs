using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace Samovar.Testing.Upstreams;

/// <summary>
/// Says that it is a Samovar. Its connection ends behind the first word of each response; who resumes it is refused in the words that it is
/// given, one after the other, and then told the rest.
/// </summary>
internal sealed class ResumedUpstream : SocketUpstream
{
    private static readonly string[] Events =
    [
        """{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"m","status":"in_progress"}}""",
        """{"type":"response.output_text.delta","sequence_number":1,"item_id":"msg_1","output_index":0,"delta":"read "}""",
        """{"type":"response.output_text.delta","sequence_number":2,"item_id":"msg_1","output_index":0,"delta":"on"}""",
        """{"type":"response.completed","sequence_number":3,"response":{"id":"resp_1","model":"m","status":"completed","output":[]}}""",
    ];

    private readonly Queue<string> _refusals;

    private ResumedUpstream(IEnumerable<string> refusals) => _refusals = new Queue<string>(refusals);

    protected override IReadOnlyList<(string Name, string Value)> Headers => [("x-samovar", "1"), ("x-samovar-resume", "true")];

    public static async Task<ResumedUpstream> StartAsync(params string[] refusals)
    {
        var upstream = new ResumedUpstream(refusals);
        await upstream.ListenAsync();
        return upstream;
    }

    protected override async Task ServeAsync(WebSocket socket, CancellationToken ended)
    {
        while (await ReceiveAsync(socket, ended) is { } frame)
        {
            if (IsResume(frame)) await ResumeAsync(socket, frame);
            else
            {
                foreach (var e in Events[..2]) await SendAsync(socket, e);
                await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, ended);
            }
        }
    }

    protected override Task<SeenResponse?> SpeakAsync(WebSocket socket, List<string> seen, CancellationToken ended) =>
        throw new UnreachableException();

    private async Task ResumeAsync(WebSocket socket, JsonElement frame)
    {
        if (_refusals.TryDequeue(out var refusal)) await SendAsync(socket, refusal);
        else
            foreach (var e in Events.Skip(frame.GetProperty("starting_after").GetInt32() + 1)) await SendAsync(socket, e);
    }

    private static bool IsResume(JsonElement frame) =>
        frame.TryGetProperty("type", out var type) && type.GetString() == "response.resume";
}
