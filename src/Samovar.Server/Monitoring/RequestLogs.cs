using Samovar.Accounting;

namespace Samovar.Server.Monitoring;

/// <summary>Every request record goes to all of them.</summary>
internal sealed class RequestLogs(IReadOnlyList<IRequestLog> logs) : IRequestLog
{
    public void Write(RequestRecord record)
    {
        foreach (var log in logs) log.Write(record);
    }
}
