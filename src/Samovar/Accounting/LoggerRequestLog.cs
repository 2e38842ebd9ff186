using Microsoft.Extensions.Logging;
using Samovar.Escaping;

namespace Samovar.Accounting;

/// <summary>Request records as structured log lines. Names may come from strangers: they are escaped values.</summary>
internal sealed partial class LoggerRequestLog(ILogger<LoggerRequestLog> logger) : IRequestLog
{
    public void Write(RequestRecord record)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        Log.Request(
            logger, ForeignText.Value(record.Outcome), ForeignText.Value(record.Response?.Value), ForeignText.Value(record.Tenant.Value),
            ForeignText.Value(record.Lane.ToString()), ForeignText.Value(record.Model), ForeignText.Value(record.Destination),
            ForeignText.Value(record.Affinity), ForeignText.Value(record.Matched), ForeignText.Value(record.Compaction), KindOf(record),
            ForeignText.Value(record.Previous?.Value),
            ForeignText.Value(record.ErrorCode), ForeignText.Value(record.MissCause), record.BytesFromClient, record.BytesToClient,
            record.BytesToUpstream, record.BytesBack,
            record.Usage.InputTokens, record.Usage.CachedTokens, record.Usage.OutputTokens, record.Retries,
            record.Faults.Count == 0 ? "" : ForeignText.Value(string.Join(',', record.Faults)),
            (record.Queued + (record.BackendQueued ?? TimeSpan.Zero)).TotalMilliseconds,
            record.FirstToken?.TotalMilliseconds, record.StoreTime?.TotalMilliseconds, record.Total.TotalMilliseconds);
    }

    /// <summary>What sets it apart from a turn whose client waits for an answer.</summary>
    private static string KindOf(RequestRecord record) => string.Join(',', new[]
    {
        record.IsBackground ? "background" : null, record.Resumes > 0 ? "resumed" : null, record.CompactionForm,
    }.OfType<string>());

    private static partial class Log
    {
        [LoggerMessage(7001, LogLevel.Information,
            "{Outcome} {ResponseId} tenant={Tenant} lane={Lane} model={Model} destination={Destination} affinity={Affinity} " +
            "matched={Matched} compaction={Compaction} kind={Kind} previous={Previous} error={ErrorCode} miss={MissCause} " +
            "in={BytesFromClient}B out={BytesToClient}B up={BytesToUpstream}B back={BytesBack}B " +
            "tokens={InputTokens}/{CachedTokens} cached/{OutputTokens} out " +
            "retries={Retries} faults={Faults} queued={QueuedMs}ms first={FirstTokenMs}ms stored={StoreMs}ms total={TotalMs}ms")]
        public static partial void Request(
            ILogger logger, string? outcome, string? responseId, string? tenant, string? lane, string? model, string? destination,
                string? affinity, string? matched, string? compaction, string kind,
            string? previous, string? errorCode, string? missCause, long bytesFromClient, long bytesToClient, long bytesToUpstream,
                long bytesBack,
            int inputTokens, int cachedTokens, int outputTokens, int retries, string? faults, double queuedMs, double? firstTokenMs,
                double? storeMs, double totalMs);
    }
}
