using System.Globalization;
using Samovar.Accounting;
using Samovar.Gateway.Drivers;

namespace Samovar.Server.Monitoring;

/// <summary>Says of each turn what came in, what of it went up, and what that was on the wire; and of all of them at the end.</summary>
/// <param name="drivers">Whose links carry them.</param>
/// <param name="output">Where it is said; one line each.</param>
internal sealed class SavedBytes(UpstreamDrivers drivers, TextWriter output) : IRequestLog
{
    private readonly Lock _gate = new();
    private long _turns, _in, _up, _wire;

    public void Write(RequestRecord record)
    {
        if (record.Destination is null) return; // nobody was asked
        lock (_gate)
        {
            var wire = drivers.Wire.Up;
            var sent = wire - _wire;
            (_turns, _in, _up, _wire) = (_turns + 1, _in + record.BytesFromClient, _up + record.BytesToUpstream, wire);
            Say($"turn {Text(_turns)}, {record.Outcome}: {Text(record.BytesFromClient)} bytes came in, "
                + $"{Text(record.BytesToUpstream)} went up"
                + (wire > 0 ? $", {Text(sent)} on the wire ({Share(sent, record.BytesFromClient)})" : "")
                + (record.ErrorCode is { } code ? $"; {code}" : ""));
        }
    }

    /// <summary>The line behind the last turn.</summary>
    public void End()
    {
        lock (_gate)
        {
            var sent = drivers.Wire.Up is > 0 and var wire ? wire : _up;
            Say($"{Text(_turns)} turns: {Text(_in)} bytes came in, {Text(sent)} went up ({Share(sent, _in)}), {Text(_in - sent)} saved");
        }
    }

    private void Say(string line)
    {
        try
        {
            output.WriteLine(line);
            output.Flush();
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException) { /* nobody reads it */ }
    }

    private static string Text(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) =>
        whole == 0 ? "-" : (part / (double)whole).ToString("0.0 %", CultureInfo.InvariantCulture);
}
