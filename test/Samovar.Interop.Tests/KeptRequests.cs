using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Samovar.Interop.Tests;

/// <summary>A request as its client sent it.</summary>
internal sealed record KeptRequest(string Method, string Path, byte[] Body);

/// <summary>Keeps what clients send, before the server reads it.</summary>
internal sealed class KeptRequests : IStartupFilter
{
    private readonly ConcurrentQueue<KeptRequest> _requests = new();

    public IReadOnlyList<KeptRequest> All => [.. _requests];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (http, further) =>
        {
            http.Request.EnableBuffering();
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            http.Request.Body.Position = 0;
            _requests.Enqueue(new KeptRequest(http.Request.Method, http.Request.Path + http.Request.QueryString, body.ToArray()));
            await further(http);
        });
        next(app);
    };
}
