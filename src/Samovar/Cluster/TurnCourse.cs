namespace Samovar.Cluster;

/// <summary>How a relay came back without the turn's end.</summary>
internal abstract record RelayEnd
{
    private RelayEnd() { }

    /// <summary>Nothing was sent: no connection could be made.</summary>
    public sealed record NotReached : RelayEnd;

    /// <summary>The other node has said that it did not run it.</summary>
    public sealed record Refused(PlaceRefusal Why) : RelayEnd;

    /// <summary>It was sent, and the connection broke or said nothing for too long.</summary>
    /// <param name="WasHeard">Whether the client has heard a part of the output.</param>
    public sealed record Broken(bool WasHeard) : RelayEnd;
}

/// <summary>What was tried for a turn until now, counted at the node that has its client.</summary>
/// <param name="Past">What may exist of its response.</param>
/// <param name="Looks">How often the owner was looked up.</param>
/// <param name="RelaysFailed">Under <paramref name="FailedEpoch"/>: an owner that has just come is not blamed for the one before.</param>
internal readonly record struct TurnCourse(TurnPast Past, int Looks, int RelaysFailed, long FailedEpoch)
{
    /// <summary>Whether it begins a conversation, which may begin at any node: it is stored, and can be sent as it came.</summary>
    public bool MayBeginAnywhere { get; init; }

    public TurnCourse AfterLook() => this with { Looks = Looks + 1 };

    /// <param name="epoch">The epoch that it was sent under.</param>
    public TurnCourse After(RelayEnd end, long epoch) => end switch
    {
        RelayEnd.Refused => this,
        RelayEnd.NotReached => Failed(epoch),
        RelayEnd.Broken broken => Failed(epoch) with { Past = Later(Past, broken.WasHeard ? TurnPast.WasHeard : TurnPast.MayBeStored) },
        _ => throw new ArgumentOutOfRangeException(nameof(end)),
    };

    /// <summary>Whether the owner is looked up at once, or after a pause: one that drains may need a while to end a turn.</summary>
    public static bool WantsPause(RelayEnd end) => end is RelayEnd.Refused { Why: not (PlaceRefusal.Moved or PlaceRefusal.Full) };

    private TurnCourse Failed(long epoch) =>
        this with { RelaysFailed = epoch == FailedEpoch ? RelaysFailed + 1 : 1, FailedEpoch = epoch };

    private static TurnPast Later(TurnPast one, TurnPast other) => one > other ? one : other;
}
