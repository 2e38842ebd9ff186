using System.Runtime.InteropServices;

namespace Samovar.Cli.Commands;

/// <summary>
/// Asks a command to stop at the first Ctrl-C or SIGTERM, so that it ends what it has begun and says what is left; the second one ends it
/// at once.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private const int StatusOfSignals = 128; // as shells count: 130 for Ctrl-C
    private const int InterruptNumber = 2, TerminateNumber = 15;
    private readonly CancellationTokenSource _userGone = new();
    private readonly SecondSignal _second;
    private readonly PosixSignalRegistration[] _registrations;
    private volatile int _status;

    private StopSignal(TextWriter error)
    {
        _second = SecondSignal.Watch(error);
        _second.Serving();
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, InterruptNumber)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, TerminateNumber)),
        ];
    }

    public static StopSignal Watch(TextWriter error) => new(error);

    /// <summary>Ends with the first signal.</summary>
    public CancellationToken UserGone => _userGone.Token;

    /// <summary>What the process ends with because of a signal; null: there was none.</summary>
    public int? Status => _status == 0 ? null : _status;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _second.Dispose();
        _userGone.Dispose();
    }

    private void Stop(PosixSignalContext signal, int number)
    {
        signal.Cancel = true; // what runs is ended first
        if (Interlocked.CompareExchange(ref _status, StatusOfSignals + number, 0) != 0) return;
        try { _userGone.Cancel(); }
        catch (ObjectDisposedException) { /* it has ended by itself meanwhile */ }
    }
}
