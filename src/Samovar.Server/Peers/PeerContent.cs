using System.Net;

namespace Samovar.Server.Peers;

/// <summary>A turn's envelope and what its client sent, piece by piece: each that went out is a sign of life.</summary>
internal sealed class PeerContent : HttpContent
{
    private const int PieceBytes = 64 << 10;
    private readonly byte[] _line;
    private readonly ReadOnlyMemory<byte> _sent;
    private readonly Action _wrote;

    public PeerContent(byte[] line, ReadOnlyMemory<byte> sent, Action wrote)
    {
        (_line, _sent, _wrote) = (line, sent, wrote);
        Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _wrote(); // there is a connection
        await stream.WriteAsync(_line, cancellationToken);
        for (var rest = _sent; !rest.IsEmpty; rest = rest[Math.Min(PieceBytes, rest.Length)..])
        {
            await stream.WriteAsync(rest[..Math.Min(PieceBytes, rest.Length)], cancellationToken);
            _wrote();
        }
    }

    /// <summary>The bound of a body is of what the client sent: how long the whole is, is not said.</summary>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
