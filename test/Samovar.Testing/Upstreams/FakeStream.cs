using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Samovar.Testing.Upstreams;

/// <summary>Where a fake writes its events: an SSE response or a socket.</summary>
internal abstract class FakeStream(HttpContext context)
{
    protected HttpContext Context { get; } = context;

    public abstract Task WriteAsync(string json);

    /// <summary>Ends the connection without a word; what was written just before may be lost with it.</summary>
    public void Drop() => Context.Abort();

    /// <summary>Ends the stream after what was written has arrived.</summary>
    public abstract Task EndAsync();

    public sealed class Sse(HttpContext context, bool namesEvents) : FakeStream(context)
    {
        public override async Task WriteAsync(string json)
        {
            var type = namesEvents && json.StartsWith('{') && json.EndsWith('}')
                ? $"event: {System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("type").GetString()}\n" : "";
            await Context.Response.WriteAsync($"{type}data: {json}\n\n");
            await Context.Response.Body.FlushAsync();
        }

        public override Task EndAsync() => Context.Response.CompleteAsync();
    }

    public sealed class Socket(HttpContext context, WebSocket socket) : FakeStream(context)
    {
        public override Task WriteAsync(string json) =>
            socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        public override Task EndAsync() =>
            socket.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, "gone", CancellationToken.None);
    }

    /// <summary>Plays the answer's phases with the fault in its place.</summary>
    /// <returns>Whether the answer went out whole.</returns>
    public async Task<bool> PlayAsync(FakeUpstream upstream, FakeFault fault, FakePhases phases)
    {
        if (fault == FakeFault.DropAfterSend) return Dropped();
        if (fault == FakeFault.HangAfterSend) return await HangAsync(upstream);
        foreach (var json in phases.Created) await WriteAsync(json);
        switch (fault)
        {
            case FakeFault.DropAfterCreated: return Dropped();
            case FakeFault.HangAfterCreated: return await HangAsync(upstream);
            case FakeFault.FailAfterCreated: await WriteAsync(phases.Failed); return false;
            case FakeFault.GarbageAfterCreated: await WriteAsync("{\"type\":"); return false;
            case FakeFault.ArrayAfterCreated: await WriteAsync("[1]"); return await HangAsync(upstream);
            case FakeFault.DepthAfterCreated:
                await WriteAsync($$"""{"type":"response.noise","x":{{new string('[', 70)}}{{new string(']', 70)}}}""");
                return await HangAsync(upstream);
        }
        foreach (var json in phases.FirstDelta) await WriteAsync(json);
        switch (fault)
        {
            case FakeFault.DropAfterDelta: await EndAsync(); return false;
            case FakeFault.HangAfterDelta: return await HangAsync(upstream);
            case FakeFault.FailAfterDelta: await WriteAsync(phases.Failed); return false;
        }
        await upstream.PassGateAsync();
        foreach (var json in phases.Rest) await WriteAsync(json);
        if (fault == FakeFault.DropBeforeEnd)
        {
            await EndAsync();
            return false;
        }
        foreach (var json in phases.End.SkipLast(fault == FakeFault.HangAtEnd ? 1 : 0)) await WriteAsync(json);
        if (fault == FakeFault.HangAtEnd) return await HangAsync(upstream);
        return true;
    }

    private bool Dropped()
    {
        Drop();
        return false;
    }

    private static async Task<bool> HangAsync(FakeUpstream upstream)
    {
        await Task.Delay(Timeout.Infinite, upstream.Stopping);
        return false;
    }
}

/// <summary>An answer, cut where faults may strike.</summary>
internal sealed record FakePhases(IReadOnlyList<string> Created, IReadOnlyList<string> FirstDelta, IReadOnlyList<string> Rest,
    IReadOnlyList<string> End, string Failed);

/// <summary>Refusals before an answer begins.</summary>
internal static class FakeRefusal
{
    public static (int Status, string Json)? Of(FakeFault fault) => fault switch
    {
        FakeFault.TooMany => (429, """{"type":"error","status":429,"headers":{"retry-after":"7"},"error":""" +
            """{"type":"rate_limit_error","code":"rate_limit_exceeded","message":"Slow down."}}"""),
        FakeFault.QuotaSpent => (429, """{"type":"error","status":429,"error":""" +
            """{"type":"insufficient_quota","code":"insufficient_quota","message":"You exceeded your current quota."}}"""),
        FakeFault.Overloaded => (503, """{"type":"error","status":503,"error":""" +
            """{"type":"service_unavailable_error","code":"server_is_overloaded","message":"Overloaded."}}"""),
        FakeFault.KeyRefused => (401, """{"type":"error","status":401,"error":""" +
            """{"type":"authentication_error","code":"invalid_api_key","message":"Wrong key: sk-secret."}}"""),
        FakeFault.Invalid => (400, """{"type":"error","status":400,"error":""" +
            """{"type":"invalid_request_error","code":"invalid_value","message":"Not like this.","param":"input[0]"}}"""),
        FakeFault.ConnectionLimit => (400, """{"type":"error","status":400,"error":""" +
            """{"type":"invalid_request_error","code":"websocket_connection_limit_reached","message":"Create a new connection."}}"""),
        FakeFault.TooLong => (413, """{"type":"error","status":413,"error":""" +
            """{"type":"invalid_request_error","code":"request_too_large","message":"Too long."}}"""),
        _ => null,
    };

    /// <summary>Refuses a request that breaks a rule.</summary>
    public static async Task<bool> WriteAsync(HttpContext context, string? broken)
    {
        if (broken is null) return false;
        context.Response.StatusCode = 400;
        context.Response.ContentType = "application/json";
        var error = new { error = new { type = "invalid_request_error", message = broken } };
        await context.Response.WriteAsync(JsonSerializer.Serialize(error));
        return true;
    }

    public static async Task<bool> WriteAsync(HttpContext context, FakeFault fault)
    {
        if (Of(fault) is not var (status, json)) return false;
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (fault == FakeFault.TooMany) context.Response.Headers.RetryAfter = "7";
        await context.Response.WriteAsync(json);
        return true;
    }
}
