using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samovar.Cli.Commands;

/// <summary>
/// Ends the process at once at the second Ctrl-C, whatever it is doing. The first one asks it to stop; while a model loads nobody can be
/// asked, and the first one ends it. What one act sends twice, as <c>timeout</c> does, is one signal: see <see cref="SignalCount"/>.
/// </summary>
internal sealed class SecondSignal : IDisposable
{
    private const int StatusOfSignals = 128; // as shells count: 130 for Ctrl-C
    private const int InterruptNumber = 2, TerminateNumber = 15;
    private static readonly TimeSpan SayMax = TimeSpan.FromSeconds(0.5);
    private readonly List<PosixSignalRegistration> _registrations;
    private readonly TextWriter _error;
    private readonly SignalCount _count = new(TimeProvider.System);

    private SecondSignal(TextWriter error)
    {
        _error = error;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Count(signal, InterruptNumber)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Count(signal, TerminateNumber)),
        ];
    }

    public static SecondSignal Watch(TextWriter error) => new(error);

    /// <summary>From now on the first signal is somebody else's.</summary>
    public void Serving() => _count.Serving();

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private void Count(PosixSignalContext context, int signal)
    {
        var part = _count.Count();
        if (part == SignalPart.Same) context.Cancel = true; // whoever took the first may have let go of it by now
        if (part != SignalPart.Second) return;
        Say();
        // No handler of the end may run: what they wait for is what the second signal is about.
        if (OperatingSystem.IsWindows())
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
        }
        Leave(StatusOfSignals + signal);
    }

    /// <summary>On another thread: a terminal that nobody reads must not keep the process.</summary>
    private void Say()
    {
        try { Task.Run(() => _error.WriteLine("samovar: Stopped at once.")).Wait(SayMax); }
        catch (AggregateException) { /* nobody can read it */ }
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Leave(int status);
}
