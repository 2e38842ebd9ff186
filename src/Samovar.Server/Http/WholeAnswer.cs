using System.Buffers;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Tracing;

namespace Samovar.Server.Http;

/// <summary>
/// Answers with one JSON body. With <c>Http:WholeKeepAlive</c> one that takes long begins with white space, a space every
/// <c>Http:KeepAliveInterval</c>; its status is 200 then, whatever comes.
/// </summary>
internal sealed class WholeAnswer(HttpContext http, HttpOptions options, TimeProvider time)
{
    /// <param name="making">The body.</param>
    /// <param name="times">Where the turn's time goes; null where that is not noted.</param>
    /// <exception cref="ApiException">There is no answer, and nothing has gone out.</exception>
    public async Task WriteAsync(Task<ReadOnlyMemory<byte>> making, TurnTrace? times)
    {
        try
        {
            while (options.WholeKeepAlive && await KeepAlive.IsDueAsync(making, options, time))
            {
                if (!http.Response.HasStarted) http.Response.ContentType = "application/json";
                http.Response.BodyWriter.Write(" "u8);
                await http.Response.BodyWriter.FlushAsync(options, time, http.RequestAborted);
            }
            var body = await making;
            var from = time.GetTimestamp();
            await JsonReply.WriteAsync(http, StatusCodes.Status200OK, body, options, time);
            times?.Write(from, time.GetTimestamp(), body.Length, isLast: true);
        }
        catch (ApiException error) when (making.IsFaulted && http.Response.HasStarted)
        {
            var id = http.Response.Headers["x-request-id"].ToString();
            await JsonReply.WriteAsync(http, StatusCodes.Status200OK, ErrorShape.Of(http.Request).Body(error, id), options, time);
        }
    }
}
