using Samovar.Chains;

namespace Samovar.Testing.Scripts;

/// <summary>Warm state of a scripted response: shows whether it was released, and how often.</summary>
public sealed class ScriptedState(int tokens) : BackendState
{
    private int _releases;

    public int Tokens { get; } = tokens;
    public int Releases => _releases;
    public bool IsReleased => _releases > 0;

    public override void Release() => Interlocked.Increment(ref _releases);
}
