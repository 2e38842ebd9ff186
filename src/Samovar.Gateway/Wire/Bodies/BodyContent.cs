using System.Net;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>Sends a body over HTTP, piece by piece, and notes in the call when the upstream may have seen it.</summary>
internal sealed class BodyContent : HttpContent
{
    private readonly UpstreamBody _body;
    private readonly UpstreamCall _call;

    public BodyContent(UpstreamBody body, UpstreamCall call)
    {
        (_body, _call) = (body, call);
        Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _call.Sent(_body.Length);
        for (var i = 0; i < _body.Pieces.Count; i++) await stream.WriteAsync(_body.Pieces[i], cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
