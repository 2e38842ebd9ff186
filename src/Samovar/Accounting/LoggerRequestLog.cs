using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;

namespace Samovar.Accounting;

/// <summary>Request records as structured log lines.</summary>
internal sealed partial class LoggerRequestLog(ILogger<LoggerRequestLog> logger) : IRequestLog
{
    public void Write(RequestRecord record)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        Log.Request(
            logger, record.Outcome, record.Response, record.Tenant, record.Lane, record.Model, record.Destination, record.Affinity,
                record.Matched, record.Previous,
            record.ErrorCode, record.MissCause, record.BytesFromClient, record.BytesToClient, record.BytesToUpstream, record.BytesBack,
            record.Usage.InputTokens, record.Usage.CachedTokens, record.Usage.OutputTokens, record.Retries,
            string.Join(',', record.Faults), (record.Queued + (record.BackendQueued ?? TimeSpan.Zero)).TotalMilliseconds,
            record.FirstToken?.TotalMilliseconds, record.Total.TotalMilliseconds);
    }

    private static partial class Log
    {
        [LoggerMessage(7001, LogLevel.Information,
            "{Outcome} {ResponseId} tenant={Tenant} lane={Lane} model={Model} destination={Destination} affinity={Affinity} " +
            "matched={Matched} previous={Previous} error={ErrorCode} miss={MissCause} in={BytesFromClient}B out={BytesToClient}B " +
            "up={BytesToUpstream}B back={BytesBack}B tokens={InputTokens}/{CachedTokens} cached/{OutputTokens} out retries={Retries} " +
            "faults={Faults} queued={QueuedMs}ms first={FirstTokenMs}ms total={TotalMs}ms")]
        public static partial void Request(
            ILogger logger, string outcome, ResponseId? responseId, TenantId tenant, LaneId lane, string? model, string? destination,
                string? affinity, string? matched,
            ResponseId? previous, string? errorCode, string? missCause, long bytesFromClient, long bytesToClient, long bytesToUpstream,
                long bytesBack,
            int inputTokens, int cachedTokens, int outputTokens, int retries, string faults, double queuedMs, double? firstTokenMs,
                double totalMs);
    }
}
