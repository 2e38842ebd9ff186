using System.Globalization;
using System.Threading.Channels;
using Samovar.Accounting;
using Samovar.Gateway.Drivers;

namespace Samovar.Server.Monitoring;

/// <summary>Says of each turn what came in, what of it went up, and what that was on the wire; and of all of them at the end.</summary>
/// <remarks>Whoever reads it may stand still, as a terminal does that was paused: no turn waits for that, and lines are dropped.</remarks>
internal sealed class SavedBytes : IRequestLog
{
    private const int WaitingMax = 1024;
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly UpstreamDrivers _drivers;
    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly Task _saying;
    private long _turns, _in, _up, _wire;

    /// <param name="drivers">Whose links carry them.</param>
    /// <param name="output">Where it is said; one line each.</param>
    public SavedBytes(UpstreamDrivers drivers, TextWriter output, TimeProvider time)
    {
        (_drivers, _output, _time) = (drivers, output, time);
        _saying = Task.Run(SayAsync);
    }

    public void Write(RequestRecord record)
    {
        if (record.Destination is null) return; // nobody was asked
        lock (_gate)
        {
            var wire = _drivers.Wire.Up;
            var sent = wire - _wire;
            (_turns, _in, _up, _wire) = (_turns + 1, _in + record.BytesFromClient, _up + record.BytesToUpstream, wire);
            _lines.Writer.TryWrite($"turn {Text(_turns)}, {record.Outcome}: {Text(record.BytesFromClient)} bytes came in, "
                + $"{Text(record.BytesToUpstream)} went up"
                + (wire > 0 ? $", {Text(sent)} on the wire ({Share(sent, record.BytesFromClient)})" : "")
                + (record.ErrorCode is { } code ? $"; {code}" : ""));
        }
    }

    /// <summary>The line behind the last turn; waits for a reader that stands still no longer than a moment.</summary>
    public async Task EndAsync()
    {
        lock (_gate)
        {
            var sent = _drivers.Wire.Up is > 0 and var wire ? wire : _up;
            _lines.Writer.TryWrite(
                $"{Text(_turns)} turns: {Text(_in)} bytes came in, {Text(sent)} went up ({Share(sent, _in)}), {Text(_in - sent)} saved");
            _lines.Writer.TryComplete();
        }
        try { await _saying.WaitAsync(EndMax, _time); }
        catch (TimeoutException) { /* nobody reads it */ }
    }

    private async Task SayAsync()
    {
        try
        {
            while (await _lines.Reader.WaitToReadAsync())
            {
                while (_lines.Reader.TryRead(out var line)) _output.WriteLine(line);
                _output.Flush();
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException) { /* nobody reads it */ }
    }

    private static string Text(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) =>
        whole == 0 ? "-" : (part / (double)whole).ToString("0.0 %", CultureInfo.InvariantCulture);
}
