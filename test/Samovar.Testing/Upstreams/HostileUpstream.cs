using System.Net.WebSockets;

namespace Samovar.Testing.Upstreams;

/// <summary>
/// A Responses upstream over WebSocket that answers its first turn with the frames that it is given, and the others well.
/// </summary>
internal sealed class HostileUpstream : SocketUpstream
{
    private readonly string[] _frames;
    private int _turns;

    private HostileUpstream(string[] frames) => _frames = frames;

    public int Turns => _turns;

    public static async Task<HostileUpstream> StartAsync(params string[] frames)
    {
        var upstream = new HostileUpstream(frames);
        await upstream.ListenAsync();
        return upstream;
    }

    protected override async Task<SeenResponse?> SpeakAsync(WebSocket socket, List<string> seen, CancellationToken ended)
    {
        var number = Interlocked.Increment(ref _turns);
        if (number == 1)
        {
            foreach (var frame in _frames) await SendAsync(socket, frame);
            socket.Abort();
            return null;
        }
        var whole = $$"""{"id":"msg_{{number}}","type":"message","role":"assistant","status":"completed","content":""" +
            """[{"type":"output_text","text":"well","annotations":[]}]}""";
        var head = $$"""{"id":"resp_{{number}}","model":"m",""";
        await SendAsync(socket, $$$"""{"type":"response.created","response":{{{head}}}"status":"in_progress"}}""");
        await SendAsync(socket, $$"""{"type":"response.completed","response":{{head}}"status":"completed",""" +
            $$"""  "output":[{{whole}}],""" + """ "usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}}""");
        return new($"resp_{number}", [.. seen, whole]);
    }
}
