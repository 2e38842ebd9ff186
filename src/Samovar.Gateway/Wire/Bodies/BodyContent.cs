using System.Net;
using System.Net.Http.Headers;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>Sends a body over HTTP, piece by piece, and notes in the call when the upstream may have seen it.</summary>
internal sealed class BodyContent : HttpContent
{
    private readonly UpstreamBody _body;
    private readonly UpstreamCall _call;

    public BodyContent(UpstreamBody body, UpstreamCall call)
    {
        (_body, _call) = (body, call);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _call.Sent(_body.Length);
        foreach (var piece in _body.Pieces) await stream.WriteAsync(piece, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
