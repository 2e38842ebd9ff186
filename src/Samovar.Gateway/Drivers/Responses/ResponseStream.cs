using Samovar.Backends;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>One response as a stream of the upstream's events, whatever carries them.</summary>
internal static class ResponseStream
{
    /// <summary>Reads events up to the terminal one.</summary>
    /// <param name="next">The next event, valid until it is asked for another; null behind the last one.</param>
    /// <exception cref="IOException">The last one was not terminal.</exception>
    public static async IAsyncEnumerable<BackendEvent> ReadAsync(ResponsesReader reader, UpstreamCall call, Func<ValueTask<RawJson?>> next)
    {
        var events = new List<BackendEvent>();
        while (!reader.IsEnded && await next() is { } json)
        {
            events.Clear();
            reader.Read(json, events);
            call.IsOver = reader.IsEnded;
            foreach (var reported in events) yield return reported;
        }
        if (!reader.IsEnded) throw new IOException("The stream ended before the response did.");
    }
}
