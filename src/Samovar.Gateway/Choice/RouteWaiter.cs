using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Choice;

/// <summary>One turn that waits for a place at one of its pool's destinations.</summary>
/// <param name="pool">The pool's name: a changed configuration counts for those who wait.</param>
/// <param name="deadline">When it is refused.</param>
/// <param name="ownerDeadline">When it lets the busy owner of its chain go.</param>
internal sealed class RouteWaiter(RouteRequest wanted, string pool, DateTimeOffset deadline, DateTimeOffset ownerDeadline)
{
    public RouteRequest Wanted { get; } = wanted;
    public string Pool { get; } = pool;
    public DateTimeOffset Deadline { get; } = deadline;
    public DateTimeOffset OwnerDeadline { get; } = ownerDeadline;
    public FlowId Flow => Wanted.Turn.Flow;

    /// <summary>Its place in the order of arrival.</summary>
    public long Number { get; set; }

    /// <summary>Its place, or why it gets none; cancelled with the turn.</summary>
    public TaskCompletionSource<DestinationRoute> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why it had no place when it was tried last.</summary>
    public DestinationRoute.Nowhere Refused { get; set; } = new([]);
}
