using System.Runtime.CompilerServices;
using Samovar.Backends;

namespace Samovar.Tests.Hostile;

/// <summary>Says what the test asks for.</summary>
internal sealed class ReplayBackend : IBackend
{
    public IReadOnlyList<BackendModel> Models { get; } = [new BackendModel("m", "test", null)];

    public IReadOnlyList<BackendEvent> Next { get; set; } = [];

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        await Task.CompletedTask;
        foreach (var e in Next) yield return e;
    }
}
