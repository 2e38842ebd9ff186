using Microsoft.Extensions.Hosting;

namespace Samovar.Disks;

/// <summary>
/// The loop that writes one file, from the start of the server to its stop. However the disk is, the stop waits no longer than
/// <c>Disks:FlushTimeMax</c> and is not a failure; a loop that is stuck in a write keeps what it uses.
/// </summary>
internal abstract class FileLoop(FileCondition condition, TimeProvider time) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _nodeStopping = new();
    private Task? _running;

    /// <summary>The loop's end; null before its start.</summary>
    public Task? Running => _running;
    protected FileCondition Condition { get; } = condition;
    protected TimeProvider Time { get; } = time;

    /// <summary>The loop shall try once more, and end.</summary>
    protected bool IsLastTry => _nodeStopping.IsCancellationRequested;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(RunAsync, CancellationToken.None); // writing blocks
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        EndInput(); // what waits is still written
        _nodeStopping.Cancel();
        if (_running is not { } running) return;
        try
        {
            await running.WaitAsync(Condition.FlushTimeMax, Time, cancellationToken);
            Condition.Ended();
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Condition.Stuck();
        }
    }

    public void Dispose()
    {
        if (_running is { IsCompleted: false }) return;
        _nodeStopping.Dispose();
        Close();
    }

    protected abstract Task RunAsync();

    /// <summary>Nothing more is taken.</summary>
    protected abstract void EndInput();

    /// <summary>Lets go of the file.</summary>
    protected abstract void Close();

    /// <summary>More gathers meanwhile; the stop of the server ends it.</summary>
    protected async Task PauseAsync(TimeSpan pause)
    {
        try { await Task.Delay(pause, Time, _nodeStopping.Token); }
        catch (OperationCanceledException) { /* no more will come */ }
    }
}
