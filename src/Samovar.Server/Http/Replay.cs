using System.Globalization;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Responses;
using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>Answers with the events of a background response, from any number, as often as anybody asks.</summary>
internal static class Replay
{
    /// <summary>The last event that the client has; -1 where it has none.</summary>
    public static long AfterOf(HttpRequest request) => request.Query.TryGetValue("starting_after", out var said)
        ? long.Parse(said.ToString(), CultureInfo.InvariantCulture) : -1;

    /// <summary>As <see cref="WriteAsync"/>, for somebody who asks for a response that another request began.</summary>
    public static Task AgainAsync(HttpContext http, RunningTurn turn, long after, HttpOptions options, TimeProvider time)
    {
        if (turn.IsStreamed) turn.NoteResumed();
        return WriteAsync(http, turn, after, options, time);
    }

    /// <summary>Events that are kept; where those that follow are not, the end alone, if it is there.</summary>
    /// <exception cref="ApiException">They were not to be read again.</exception>
    public static async Task WriteAsync(HttpContext http, RunningTurn turn, long after, HttpOptions options, TimeProvider time)
    {
        if (!turn.IsStreamed) throw new ApiException(Errors.NotBackground, [], "stream");
        if (!turn.Log.Reaches(after))
        {
            if (!turn.IsEnded) throw new ApiException(Errors.EventsExpired, [turn.Id, after + 1], "starting_after");
            await WriteEndAsync(http, turn.Snapshot(), after, options, time);
            return;
        }
        using var reader = turn.Open(after);
        await new SseAnswer(http, ResponsesSse.Instance, options, time).WriteAsync(reader, () => new ApiException(
            Errors.EventsExpired, [turn.Id, reader.Next]));
    }

    /// <summary>The end of a response whose events are gone, under a number that the client does not have.</summary>
    public static async Task WriteEndAsync(
        HttpContext http, ReadOnlyMemory<byte> response, long after, HttpOptions options, TimeProvider time)
    {
        var log = new EventLog(default, new LogBounds(0, First: after + 1));
        var name = ResponseSplice.EndName(ResponseSplice.StatusOf(response));
        log.TryAppend(new LoggedEvent(after + 1, name, ResponseSplice.EndEvent(response, after + 1), IsTerminal: true));
        using var reader = log.Open();
        await new SseAnswer(http, ResponsesSse.Instance, options, time).WriteAsync(reader, () => new ApiException(Errors.Internal));
    }
}
