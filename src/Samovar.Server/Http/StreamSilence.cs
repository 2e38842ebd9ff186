using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>Waits for a stream's events, and interrupts the wait when nothing has been sent for long: one timer for all waits.</summary>
/// <param name="reader">Whose waits they are.</param>
/// <param name="interval">How long a silence may be.</param>
internal sealed class StreamSilence(LogReader reader, TimeSpan interval, TimeProvider time) : IDisposable
{
    private ITimer? _timer; // made by the first wait
    private bool _isTimed;
    private volatile bool _isLong;

    /// <summary>Whether nothing has been sent for long.</summary>
    public bool IsLong => _isLong;

    /// <summary>Waits for the next event. True: it is there, or nothing is and the silence is long. False: nothing follows.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken readerGone)
    {
        var there = reader.WaitAsync(readerGone);
        if (there.IsCompleted) return there;
        if (!_isTimed) Begin();
        else if (_isLong) reader.Interrupt(); // it grew long while events came that say nothing to this client
        return there;
    }

    /// <summary>Something is sent: the next wait begins another silence.</summary>
    public void End() => (_isTimed, _isLong) = (false, false);

    public void Dispose() => _timer?.Dispose();

    private void Begin()
    {
        (_isTimed, _isLong) = (true, false);
        _timer ??= time.CreateTimer(
            static silence => ((StreamSilence)silence!).GrowLong(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, Timeout.InfiniteTimeSpan);
    }

    private void GrowLong()
    {
        _isLong = true;
        reader.Interrupt();
    }
}
