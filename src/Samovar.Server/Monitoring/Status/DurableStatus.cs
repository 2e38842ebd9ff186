using Samovar.Chains;
using Samovar.Running;
using Samovar.Storage.Sql;

namespace Samovar.Server.Monitoring.Status;

/// <summary>Reads what outlives its client or the process: the store, background turns, events that can be read again.</summary>
/// <param name="database">Null where responses are kept in memory alone.</param>
internal sealed class DurableStatus(
    StoreOptions options, ChainMetrics chains, RunningTurns turns, BackgroundLine line, TimeProvider time, SqlStore? database = null)
{
    public StoreStatus Store
    {
        get
        {
            var (cached, now) = (chains.Cached, database?.Figures ?? default);
            return new StoreStatus
            {
                Kind = database is null ? "memory" : options.Kind,
                Reason = now.Trouble,
                AwaySince = now.Trouble is null ? null : time.GetUtcNow() - now.AwayFor,
                Waiting = now.Waiting,
                WaitingMax = now.WaitingMax,
                CachedResponses = cached.Responses,
                CachedBytes = cached.Bytes,
                CachedBytesMax = cached.BytesMax,
            };
        }
    }

    public RunningStatus Running
    {
        get
        {
            var now = turns.Figures;
            return new RunningStatus(
                line.Waiting, line.WaitingMax, line.Running, now.Running, now.Over, now.Bytes, now.BytesMax, now.Resumed);
        }
    }
}
