namespace Samovar.Engine.Parking;

/// <summary>What reading streams' states takes here, by their bytes.</summary>
internal sealed class ReadMeter
{
    private const double Usual = 1 / 8e9;   // seconds of a byte, as two CPU cores read it
    private const double Newest = 0.25;     // weight of what was measured last
    private const long BytesMin = 1 << 20;  // the fixed cost of less would count as the bytes' own
    private double _secondsPerByte = Usual;
    private bool _isMeasured;

    public double Seconds(long bytes) => bytes * _secondsPerByte;

    public void Measured(long bytes, TimeSpan took)
    {
        if (bytes < BytesMin || took <= TimeSpan.Zero) return;
        var value = took.TotalSeconds / bytes;
        _secondsPerByte = _isMeasured ? _secondsPerByte + Newest * (value - _secondsPerByte) : value;
        _isMeasured = true;
    }
}
