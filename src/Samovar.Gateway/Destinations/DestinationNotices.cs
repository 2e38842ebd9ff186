namespace Samovar.Gateway.Destinations;

/// <summary>What the log is told of a destination's turns as long as it lasts: once. Safe for all threads.</summary>
internal sealed class DestinationNotices(string destination, DestinationLog? log)
{
    private bool _isOverdue;
    private string? _failover;

    /// <summary>Turns there are overdue, or no longer; nothing is told where nothing follows from it.</summary>
    public void Overdue(bool isOverdue, bool hasOthers)
    {
        if (Interlocked.Exchange(ref _isOverdue, isOverdue) == isOverdue || !hasOthers) return;
        if (isOverdue) log?.Overdue(destination);
        else log?.AnswersAgain(destination);
    }

    /// <summary>A turn that failed there goes elsewhere.</summary>
    public void FailedOver(string to, string reason)
    {
        var failover = $"{to}:{reason}";
        if (Interlocked.Exchange(ref _failover, failover) != failover) log?.Failover(destination, to, reason);
    }

    /// <summary>A turn went well: the next one that goes elsewhere is news again.</summary>
    public void Served() => Volatile.Write(ref _failover, null);
}
