using Microsoft.AspNetCore.Http;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>The nodes of a cluster where conversations are warm whose clients send all of them with each request. A server that stands
/// alone has none.</summary>
internal interface IHomeNodes
{
    /// <summary>Lets the turn run at its conversation's home, where that is another node and takes it, and answers as that one
    /// does.</summary>
    /// <param name="http">The request.</param>
    /// <param name="turn">What it asks for.</param>
    /// <param name="body">As it came, decompressed.</param>
    /// <param name="form">How its client reads the end of a stream that broke.</param>
    /// <returns>False where the turn runs here; nothing was answered.</returns>
    ValueTask<bool> TryAnswerAsync(HttpContext http, TurnRequest turn, ReadOnlyMemory<byte> body, ISseForm form);
}
