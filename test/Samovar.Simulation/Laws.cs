namespace Samovar.Simulation;

/// <summary>What keeps two nodes apart. Each is in force, unless a test takes it out to see that it is missed.</summary>
internal sealed record Laws
{
    /// <summary>An append names the owner and the epoch that its turn began under.</summary>
    public bool Fence { get; init; } = true;

    /// <summary>A claim asks for the claimer's own row.</summary>
    public bool OwnRow { get; init; } = true;

    /// <summary>A tree is begun only by one whose own row does not call it dead.</summary>
    public bool LivingBirth { get; init; } = true;

    /// <summary>A relayed turn runs under the epoch that it was sent under, and claims nothing.</summary>
    public bool RelayedEpoch { get; init; } = true;

    /// <summary>What a broken relay may have stored is looked up before the turn runs again.</summary>
    public bool LookFirst { get; init; } = true;

    /// <summary>Two copies of a turn that reach one node are one.</summary>
    public bool Join { get; init; } = true;

    /// <summary>A response whose append was not answered is taken back by its tree's owner alone.</summary>
    public bool FencedTakeBack { get; init; } = true;
}
