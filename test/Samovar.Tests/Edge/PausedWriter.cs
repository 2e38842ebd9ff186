using System.Text;

namespace Samovar.Tests.Edge;

/// <summary>What is written to it waits until it goes on.</summary>
internal sealed class PausedWriter : TextWriter
{
    private readonly ManualResetEventSlim _goesOn = new();
    private int _lines;

    public override Encoding Encoding => Encoding.UTF8;
    public int Lines => Volatile.Read(ref _lines);

    public void GoOn() => _goesOn.Set();

    public override void WriteLine(string? value)
    {
        _goesOn.Wait(CancellationToken.None);
        Interlocked.Increment(ref _lines);
    }

    protected override void Dispose(bool disposing)
    {
        _goesOn.Set(); // it is not disposed: somebody may wait still
        base.Dispose(disposing);
    }
}
