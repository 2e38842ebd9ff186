using System.Buffers;
using System.IO.Pipelines;
using Samovar.Protocol.Errors;
using Samovar.Server.Decoding;

namespace Samovar.Server.Http;

/// <summary>A request's body as it comes in: what the listener finds wrong with it is the request's fault, and nothing else is.</summary>
/// <remarks>
/// A wait that is given up is ended at the reader, never left to it with its token: the listener reads what is left of the body behind the
/// answer, and could not while a read is pending.
/// </remarks>
/// <param name="body">What the listener reads.</param>
/// <param name="caller">Ends when the client is gone: what goes wrong then is answered to nobody.</param>
internal sealed class ReceivedBody(PipeReader body, CancellationToken caller) : ReadOnlyBody
{
    /// <exception cref="ApiException">The body is framed wrongly, or comes too slowly.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await using var end = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), body);
        while (true)
        {
            var read = await ReadAsync();
            var count = (int)Math.Min(buffer.Length, read.Buffer.Length);
            var taken = read.Buffer.Slice(0, count);
            taken.CopyTo(buffer.Span);
            body.AdvanceTo(taken.End); // its memory is the reader's again
            if (count > 0) return count;
            if (read.IsCompleted) return 0;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask<ReadResult> ReadAsync()
    {
        try
        {
            return await body.ReadAsync(CancellationToken.None);
        }
        catch (Exception exception) when (HttpFaults.IsOfRequest(exception) && !caller.IsCancellationRequested)
        {
            throw HttpFaults.Of(exception);
        }
    }
}
