using System.Net.Http.Headers;

namespace Samovar.Cli.Pull;

/// <summary>Follows redirects, and gives the token to the hub and to nobody else: most files lie at another host.</summary>
/// <remarks>The platform's own redirects would leave the token out for the hub, too, and moved repositories redirect within it.</remarks>
internal sealed class HubHandler(PullWanted wanted, SocketsHttpHandler inner) : DelegatingHandler(inner)
{
    private const int RedirectsMax = 10;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken userGone)
    {
        for (var redirects = 0; ; redirects++)
        {
            request.Headers.Authorization = wanted.Token is { } token && request.RequestUri!.Scheme == wanted.Hub.Scheme
                && request.RequestUri.Authority == wanted.Hub.Authority ? new AuthenticationHeaderValue("Bearer", token) : null;
            var answer = await base.SendAsync(request, userGone);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } to) return answer;
            answer.Dispose();
            request.RequestUri = Next(request.RequestUri!, to, redirects);
        }
    }

    private static Uri Next(Uri from, Uri to, int redirects)
    {
        if (!Uri.TryCreate(from, to, out var next)) throw new PullException($"{from.Authority} redirects to no address.");
        if (redirects == RedirectsMax) throw new PullException($"{from.Authority} redirects in circles.");
        if (next.Scheme is not ("http" or "https") || from.Scheme == "https" && next.Scheme == "http")
            throw new PullException($"{from.Authority} redirects to {next.Scheme}://{next.Authority}, which is not safe.");
        return next;
    }
}
