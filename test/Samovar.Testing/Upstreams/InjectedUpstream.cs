using System.Net.WebSockets;
using System.Text.Json;

namespace Samovar.Testing.Upstreams;

/// <summary>What an upstream does with <c>response.inject</c>.</summary>
internal enum InjectManners
{
    /// <summary>Goes on with the outputs in the same response.</summary>
    Takes,

    /// <summary>The same, and shows them among its items.</summary>
    TakesAndShows,

    /// <summary>Ends its response, and begins the one that has them.</summary>
    Follows,

    /// <summary>Refuses them with the code that it was given, and goes on.</summary>
    Fails,

    /// <summary>Its response ends in the moment in which they come; then it says so.</summary>
    EndsFirst,

    /// <summary>Says that it has them behind the end of its response.</summary>
    TakesBehindTheEnd,

    /// <summary>Does not know the frame, as older servers.</summary>
    KnowsNot,

    /// <summary>The same, and closes the connection.</summary>
    KnowsNotAndCloses,

    /// <summary>Says nothing, and speaks on.</summary>
    Ignores,

    /// <summary>Says nothing, and ends its response.</summary>
    EndsSilently,

    /// <summary>Its connection breaks.</summary>
    Dies,

    /// <summary>Waits for two frames, and refuses the second before it takes the first.</summary>
    AnswersSwapped,
}

/// <summary>
/// A Responses upstream over WebSocket. A response whose input says <c>hold</c> makes a call, and waits for its output; the others say how
/// many items they see.
/// </summary>
internal sealed class InjectedUpstream : SocketUpstream
{
    private readonly InjectManners _manners;
    private readonly string _code;
    private int _ids;

    private InjectedUpstream(InjectManners manners, string code) => (_manners, _code) = (manners, code);

    public static async Task<InjectedUpstream> StartAsync(InjectManners manners, string code = "")
    {
        var upstream = new InjectedUpstream(manners, code);
        await upstream.ListenAsync();
        return upstream;
    }

    protected override async Task<SeenResponse?> SpeakAsync(WebSocket socket, List<string> seen, CancellationToken ended)
    {
        var id = $"resp_{Interlocked.Increment(ref _ids)}";
        await SendAsync(socket, $$$"""{"type":"response.created","response":{"id":"{{{id}}}","model":"m","status":"in_progress"}}""");
        if (!seen[^1].Contains("hold", StringComparison.Ordinal)) return await EndAsync(socket, id, seen, output: []);
        var call = $$"""{"id":"fc_{{id}}","type":"function_call","call_id":"call_{{id}}","name":"look","arguments":"{}",""" +
            """ "status":"completed"}""";
        await ItemAsync(socket, call);
        if (seen[^1].Contains("twice", StringComparison.Ordinal))
            await ItemAsync(socket, call.Replace("_resp", "_second_resp", StringComparison.Ordinal));
        return await InjectedAsync(socket, id, seen, call, ended);
    }

    private async Task<SeenResponse?> InjectedAsync(
        WebSocket socket, string id, List<string> seen, string call, CancellationToken ended)
    {
        if (await ReceiveAsync(socket, ended) is not { } frame) return null;
        RequireRight(frame, id);
        var (outputs, before) = (FakeMind.Texts(frame.GetProperty("input")), seen);
        seen = [.. seen, call];
        List<string> withOutputs = [.. seen, .. outputs];
        var created = $$"""{"type":"response.inject.created","response_id":"{{id}}","sequence_number":3}""";
        switch (_manners)
        {
            case InjectManners.Takes:
                await SendAsync(socket, created);
                return await EndAsync(socket, id, withOutputs, [call]);
            case InjectManners.TakesAndShows:
                await SendAsync(socket, created);
                await ItemAsync(socket, outputs[0].Insert(1, """ "id":"fco_own", """));
                return await EndAsync(socket, id, withOutputs, [call]);
            case InjectManners.Follows:
                await SendAsync(socket, created);
                await TerminalAsync(socket, id, "incomplete", [call]);
                return await SpeakAsync(socket, withOutputs, ended);
            case InjectManners.Fails:
                await SendAsync(socket, Failed(id, outputs, _code));
                return await EndAsync(socket, id, seen, [call]);
            case InjectManners.EndsFirst:
                await EndAsync(socket, id, seen, [call]);
                await SendAsync(socket, Failed(id, outputs, "response_already_completed"));
                return new(id, [.. seen, "message"]);
            case InjectManners.TakesBehindTheEnd:
                await EndAsync(socket, id, seen, [call]);
                await SendAsync(socket, created);
                return new(id, [.. withOutputs, "message"]);
            case InjectManners.KnowsNot:
                await SendAsync(socket, """{"type":"error","status":400,"error":{"code":"unknown_event_type","message":"?"}}""");
                return await ReceiveAsync(socket, ended) is null ? null : throw new InvalidOperationException("Nothing was to come.");
            case InjectManners.KnowsNotAndCloses:
                await SendAsync(socket, """{"type":"error","status":400,"error":{"type":"invalid_request_error","message":"?"}}""");
                await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "invalid event", ended);
                return null;
            case InjectManners.EndsSilently: return await EndAsync(socket, id, seen, [call]);
            case InjectManners.Dies:
                socket.Abort();
                return null;
            case InjectManners.AnswersSwapped:
                var second = (await ReceiveAsync(socket, ended))!.Value;
                await SendAsync(socket, Failed(id, FakeMind.Texts(second.GetProperty("input")), "response_not_found"));
                await SendAsync(socket, created);
                return await EndAsync(socket, id, withOutputs, [call]);
            default: return await ReceiveAsync(socket, ended) is null ? null : new(id, before);
        }
    }

    private static void RequireRight(JsonElement frame, string id)
    {
        var fields = frame.EnumerateObject().Select(field => field.Name).ToList();
        if (fields is not ["type", "response_id", "input"] || frame.GetProperty("type").GetString() != "response.inject"
            || frame.GetProperty("response_id").GetString() != id)
            throw new InvalidOperationException($"No such frame: {frame}");
    }

    private static string Failed(string id, IEnumerable<string> outputs, string code) =>
        $$$"""{"type":"response.inject.failed","response_id":"{{{id}}}","input":[{{{string.Join(',', outputs)}}}],"sequence_number":3,""" +
        $$$""" "error":{"code":"{{{code}}}","message":"?"}}""";

    /// <summary>Says how many items it sees, and ends.</summary>
    private static async Task<SeenResponse?> EndAsync(
        WebSocket socket, string id, List<string> seen, List<string> output)
    {
        var message = $$"""{"id":"msg_{{id}}","type":"message","role":"assistant","status":"completed","content":""" +
            $$"""[{"type":"output_text","text":"seen {{seen.Count}}","annotations":[]}]}""";
        await ItemAsync(socket, message);
        await TerminalAsync(socket, id, "completed", [.. output, message]);
        return new(id, [.. seen, message]);
    }

    private static Task TerminalAsync(WebSocket socket, string id, string end, List<string> output) => SendAsync(socket,
        $$$"""{"type":"response.{{{end}}}","response":{"id":"{{{id}}}","model":"m","status":"{{{end}}}","output":[""" +
        $$$"""{{{string.Join(',', output)}}}],"incomplete_details":{{{(end == "completed" ? "null" : """{"reason":"steered"}""")}}},""" +
        """ "usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}}""");

    private static async Task ItemAsync(WebSocket socket, string item)
    {
        await SendAsync(socket, $$"""{"type":"response.output_item.added","item":{{item}}}""");
        await SendAsync(socket, $$"""{"type":"response.output_item.done","item":{{item}}}""");
    }
}
