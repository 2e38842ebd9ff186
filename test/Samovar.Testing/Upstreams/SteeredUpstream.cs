using System.Net.WebSockets;
using System.Text.Json;

namespace Samovar.Testing.Upstreams;

/// <summary>What an upstream does with <c>response.steer</c>.</summary>
internal enum SteerManners
{
    /// <summary>Accepts it, ends its response, and begins the one that follows.</summary>
    Takes,

    /// <summary>Accepts it, ends its response, and begins nothing.</summary>
    TakesAndForgets,

    /// <summary>Accepts it, and its connection breaks.</summary>
    TakesAndDies,

    /// <summary>Accepts it, ends its response, and its connection breaks.</summary>
    EndsAndDies,

    /// <summary>Its connection breaks before it answers.</summary>
    Dies,

    /// <summary>Says that it cannot, and goes on.</summary>
    Refuses,

    /// <summary>Says nothing, and goes on.</summary>
    Ignores,

    /// <summary>Does not know the frame, as older servers.</summary>
    KnowsNot,
}

/// <summary>
/// A Responses upstream over WebSocket whose responses speak until they are steered, where their input says <c>hold</c>, or wait behind a
/// call, where it says <c>telephone</c>. It holds frames to the letter: one that has too little or too much is answered with an error.
/// </summary>
internal sealed class SteeredUpstream : SocketUpstream
{
    private readonly SteerManners _manners;
    private int _ids;

    private SteeredUpstream(SteerManners manners) => _manners = manners;

    public static async Task<SteeredUpstream> StartAsync(SteerManners manners)
    {
        var upstream = new SteeredUpstream(manners);
        await upstream.ListenAsync();
        return upstream;
    }

    protected override async Task<SeenResponse?> SpeakAsync(WebSocket socket, List<string> seen, CancellationToken ended)
    {
        var number = Interlocked.Increment(ref _ids);
        var (id, item) = ($"resp_{number}", $"msg_{number}");
        await SendAsync(socket, $$$"""{"type":"response.created","response":{"id":"{{{id}}}","model":"m","status":"in_progress"}}""");
        await SendAsync(socket, $$$"""{"type":"response.output_item.added","output_index":0,"item":""" +
            $$$"""{"id":"{{{item}}}","type":"message","role":"assistant","status":"in_progress","content":[]}}""");
        var text = $"seen {seen.Count}";
        await SendAsync(socket, $$"""{"type":"response.output_text.delta","item_id":"{{item}}","output_index":0,"delta":"{{text}}"}""");
        JsonElement? steer = null;
        if (seen[^1].Contains("telephone", StringComparison.Ordinal))
        {
            await SendAsync(socket, """{"type":"response.output_item.done","output_index":0,"item":{"type":"message",""" +
                $$$""" "id":"{{{item}}}","role":"assistant","status":"completed","content":[{"type":"output_text","text":"{{{text}}}",""" +
                """ "annotations":[]}]}}""");
            await SendAsync(socket, $$$"""{"type":"response.output_item.done","output_index":1,"item":{"id":"fc_{{{number}}}",""" +
                """ "type":"function_call","call_id":"call_1","name":"look","arguments":"{}","status":"completed"}}""");
            await ReceiveAsync(socket, ended);
            return null;
        }
        if (seen[^1].Contains("hold", StringComparison.Ordinal))
        {
            steer = await SteerAsync(socket, id, ended);
            if (steer is null) return null;
        }
        var whole = $$"""{"id":"{{item}}","type":"message","role":"assistant","status":"completed","content":""" +
            $$"""[{"type":"output_text","text":"{{text}}","annotations":[]}]}""";
        await SendAsync(socket, $$"""{"type":"response.output_item.done","output_index":0,"item":{{whole}}}""");
        var (end, why) = steer is null ? ("completed", "null") : ("incomplete", """{"reason":"steered"}""");
        await SendAsync(socket, $$$"""{"type":"response.{{{end}}}","response":{"id":"{{{id}}}","model":"m","status":"{{{end}}}",""" +
            $$$"""  "incomplete_details":{{{why}}},"output":[{{{whole}}}],""" +
            """ "usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}}""");
        List<string> after = [.. seen, whole];
        if (steer is not { } said || _manners == SteerManners.TakesAndForgets) return new(id, after);
        if (_manners == SteerManners.EndsAndDies)
        {
            socket.Abort();
            return null;
        }
        return await SpeakAsync(socket, [.. after, .. FakeMind.Texts(said.GetProperty("input"))], ended);
    }

    /// <summary>Waits for the frame; null where the response went on until its reader left.</summary>
    private async Task<JsonElement?> SteerAsync(WebSocket socket, string id, CancellationToken ended)
    {
        while (await ReceiveAsync(socket, ended) is { } frame)
        {
            var fields = frame.EnumerateObject().Select(field => field.Name).ToList();
            var isRight = fields is ["type", "previous_response_id", "input"]
                && frame.GetProperty("type").GetString() == "response.steer" && frame.GetProperty("previous_response_id").GetString() == id
                && frame.GetProperty("input").EnumerateArray().All(item => item.GetProperty("role").GetString() == "user");
            if (!isRight || _manners == SteerManners.KnowsNot)
                await SendAsync(socket, """{"type":"error","status":400,"error":{"code":"unknown_event_type","message":"?"}}""");
            else if (_manners == SteerManners.Refuses)
                await SendAsync(socket, $$$$"""{"type":"response.steer.failed","steer":{"previous_response_id":"{{{{id}}}}"},"error":""" +
                    """{"type":"invalid_request_error","code":"steering_not_supported","message":"?"}}""");
            else if (_manners == SteerManners.Dies)
            {
                socket.Abort();
                return null;
            }
            else if (_manners != SteerManners.Ignores)
            {
                await SendAsync(socket, $$$"""{"type":"response.steer.accepted","sequence_number":4,"steer":""" +
                    $$$"""{"id":"steer_1","previous_response_id":"{{{id}}}"}}""");
                if (_manners != SteerManners.TakesAndDies) return frame;
                socket.Abort();
                return null;
            }
        }
        return null;
    }
}
