using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Budgets;

/// <summary>A backend that says more than anybody wants to hear, as fast as it is asked.</summary>
internal sealed class EndlessBackend(int deltasMax) : IBackend
{
    public const int DeltaChars = 1024;
    private long _asked;
    private int _running;

    /// <summary>Characters that it was asked for.</summary>
    public long Chars => Interlocked.Read(ref _asked) * DeltaChars;

    /// <summary>Turns that run.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Ends when the first turn is over.</summary>
    public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<BackendModel> Models => [new BackendModel("m", "test", null)];

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        var delta = new BackendEvent.Delta(new string('x', DeltaChars));
        Interlocked.Increment(ref _running);
        try
        {
            yield return new BackendEvent.Accepted("m");
            yield return new BackendEvent.MessageStarted();
            for (var i = 0; i < deltasMax; i++)
            {
                if (i % 64 == 0) await Task.Yield();
                turnCancelled.ThrowIfCancellationRequested();
                Interlocked.Increment(ref _asked);
                yield return delta;
            }
            yield return new BackendEvent.ItemDone();
            yield return new BackendEvent.Finished(Usage.Zero);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            Over.TrySetResult();
        }
    }
}
