using System.Buffers;
using Microsoft.AspNetCore.Http;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Relays;
using Samovar.Server.Http;
using Samovar.Server.Peers;

namespace Samovar.Server.Cluster;

/// <summary>
/// Answers another node that has sent a turn: with a status where the turn does not run and that is known soon, else with an event stream.
/// The node hears something all the time, or it gives the turn up.
/// </summary>
/// <param name="options">With the interval that nodes wait for each other.</param>
internal sealed class RelayAnswer(HttpContext http, HttpOptions options, TimeProvider time)
{
    /// <exception cref="ApiException">The turn was refused, and nothing has gone out.</exception>
    public async Task WriteAsync(Task<ReceivedTurn> receiving)
    {
        try
        {
            await BreatheAsync(receiving);
            if (await receiving is ReceivedTurn.Refused { Why: var why }) await RefuseAsync(why);
            else if (await receiving is ReceivedTurn.Running { Turn: var turn }) await RunAsync(turn);
        }
        catch (ApiException error) when (http.Response.HasStarted)
        {
            PeerSse.Instance.WriteRefusal(error, http.Response.BodyWriter);
            await EndAsync();
        }
        finally
        {
            await ((Task)receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (receiving is { IsCompletedSuccessfully: true, Result: ReceivedTurn.Running { Turn: var turn } }) turn.Dispose();
        }
    }

    private async Task RunAsync(TakenTurn turn)
    {
        await BreatheAsync(turn.Began);
        await turn.Began;
        Begin();
        using var reader = turn.Open();
        await new SseWriter(http.Response.BodyWriter, http.Response.CompleteAsync, PeerSse.Instance, options, time)
            .WriteAsync(reader, static () => new ApiException(Errors.NodeLost), http.RequestAborted);
    }

    private async Task RefuseAsync(PlaceRefusal why)
    {
        if (!http.Response.HasStarted)
        {
            await JsonReply.WriteAsync(http, StatusCodes.Status409Conflict, PeerEvents.Refusal(why), options, time);
            return;
        }
        PeerSse.WriteRefusal(why, http.Response.BodyWriter);
        await EndAsync();
    }

    /// <remarks>How it ends is its owner's to see: this throws it too.</remarks>
    private async Task BreatheAsync(Task awaited)
    {
        while (await KeepAlive.IsDueAsync(awaited, options, time))
        {
            Begin();
            http.Response.BodyWriter.Write(PeerSse.Instance.Silence.Span);
            await http.Response.BodyWriter.FlushAsync(options, time, http.RequestAborted);
        }
    }

    private Task EndAsync() => TimedFlush.WithinAsync(http.Response.CompleteAsync(), options, time, http.RequestAborted);

    private void Begin()
    {
        if (http.Response.HasStarted) return;
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
    }
}
