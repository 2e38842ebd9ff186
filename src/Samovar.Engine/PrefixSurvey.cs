namespace Samovar.Engine;

/// <summary>The starts of a namespace's prompts, as they are at one moment.</summary>
/// <param name="Kept">Of the kept ones that were asked for, in their order.</param>
/// <param name="Starts">Those that several chains stand on and nobody asked to keep, the most worth first.</param>
public sealed record PrefixSurvey(IReadOnlyList<PrefixPlace> Kept, IReadOnlyList<SharedPrefix> Starts);

/// <summary>Where the state of a prefix is, and who stands on it.</summary>
/// <param name="Chains">Chains whose newest turn goes through it.</param>
/// <param name="Bytes">Host memory that its state takes, shared or not.</param>
/// <param name="IsOnDisk">Whether files have it.</param>
/// <param name="Place">Where its state is; of fewer tokens where not all of it is there.</param>
public sealed record PrefixPlace(int Chains, long Bytes, bool IsOnDisk, StatePlace Place);

/// <summary>A start that several chains have in common.</summary>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Hits">Turns that took it, or more of it, from what was there.</param>
public sealed record SharedPrefix(IReadOnlyList<int> Tokens, long Hits, PrefixPlace At);
