namespace Samovar.Engine.Native;

/// <summary>Lets any thread use native memory until it is given back: closing waits for those inside, later ones are refused.</summary>
internal sealed class UseGate(string name)
{
    private const long Closed = 1L << 62;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _state; // users inside, and whether it is closed

    /// <summary>Enters until the returned use is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Use Enter()
    {
        if ((Interlocked.Increment(ref _state) & Closed) == 0) return new Use(this);
        Leave();
        throw new ObjectDisposedException(name);
    }

    /// <summary>Refuses new uses and waits for those that are under way; any number of times.</summary>
    public void Close()
    {
        if ((Interlocked.Or(ref _state, Closed) & ~Closed) == 0) _left.TrySetResult();
        _left.Task.Wait();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _state) == Closed) _left.TrySetResult();
    }

    /// <summary>One use.</summary>
    internal readonly struct Use(UseGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
