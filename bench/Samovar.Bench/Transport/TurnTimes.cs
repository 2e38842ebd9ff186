using Samovar.Bench.Samples;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Transport;

/// <summary>
/// Where a turn's time went, by the client's clock and the server's record: the link's is what the client waited beyond the server's own
/// time. A request over HTTP arrives with its head, so what the server waited for its body is the link's, too; nothing else waits there in
/// these workloads. Until the first output all is the prompt's: rendering is in it, which the record does not tell apart.
/// </summary>
internal static class TurnTimes
{
    public static TurnSample With(TurnSample sample, RequestTimes times, TransportKind kind)
    {
        var body = kind.IsSocket ? 0 : times.Queued;
        var queued = (times.BackendQueued ?? 0) + (kind.IsSocket ? times.Queued : 0);
        return sample with
        {
            LinkMs = Math.Max(0, sample.TotalMs - times.Total + body),
            QueueMs = queued,
            PrefillMs = times.FirstToken is { } first ? Math.Max(0, first - queued - body) : null,
            DecodeMs = times.FirstToken is { } from ? Math.Max(0, times.Total - from) : null,
        };
    }
}
