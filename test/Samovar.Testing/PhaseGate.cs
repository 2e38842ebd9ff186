namespace Samovar.Testing;

/// <summary>A place where something under test waits until the test lets it go on.</summary>
public sealed class PhaseGate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when somebody waits here.</summary>
    public Task Reached => _reached.Task;

    public void Open() => _open.TrySetResult();

    public async ValueTask PassAsync(CancellationToken cancelled)
    {
        _reached.TrySetResult();
        await _open.Task.WaitAsync(cancelled);
    }
}
