namespace Samovar.Gateway.Wire.Links;

/// <summary>Bytes that connections really carried: compressed, with their frames and their TLS. Safe for all threads.</summary>
internal sealed class WireMeter
{
    private long _up, _down;

    public long Up => Interlocked.Read(ref _up);
    public long Down => Interlocked.Read(ref _down);

    public void Sent(int bytes) => Interlocked.Add(ref _up, bytes);

    public void Received(int bytes) => Interlocked.Add(ref _down, bytes);
}
