using Samovar.Protocol.Errors;
using Samovar.Server.Decoding;

namespace Samovar.Server.Http;

/// <summary>A request's body as it comes in: what the listener finds wrong with it is the request's fault, and nothing else is.</summary>
/// <param name="body">What the listener reads.</param>
/// <param name="caller">Ends when the client is gone: what goes wrong then is answered to nobody.</param>
internal sealed class ReceivedBody(Stream body, CancellationToken caller) : ReadOnlyBody
{
    /// <exception cref="ApiException">The body is framed wrongly, or comes too slowly.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (HttpFaults.IsOfRequest(exception) && !caller.IsCancellationRequested)
        {
            throw HttpFaults.Of(exception);
        }
    }
}
