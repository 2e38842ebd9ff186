using System.Net;

namespace Samovar.Server.Tools;

/// <summary>Lets no server of tools send more than so many bytes for one answer, lead elsewhere, or hold up a good-bye; one session's, and
/// hears that its server knows it no more.</summary>
/// <remarks>The library ends all that runs in a session with the first 404: here it is one question's answer, and the others get
/// theirs.</remarks>
internal sealed class BoundedAnswers(HttpMessageHandler inner, int bytesMax, TimeSpan closeTimeMax, TimeProvider time)
    : DelegatingHandler(inner)
{
    private const string SessionHeader = "Mcp-Session-Id";
    private static readonly AsyncLocal<AnswerFaults?> Watched = new();
    private volatile bool _isForgotten;

    /// <summary>Whether the server has said that it does not know the session.</summary>
    public bool IsForgotten => _isForgotten;

    /// <summary>Notes what is wrong with answers to whatever the caller asks from here on: what comes out of the library does not say
    /// so.</summary>
    public static AnswerFaults Watch() => Watched.Value = new AnswerFaults();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var reply = request.Method == HttpMethod.Delete
            ? await LeaveAsync(request, cancellationToken) : await base.SendAsync(request, cancellationToken);
        if ((int)reply.StatusCode is >= 300 and < 400)
        {
            reply.Dispose();
            throw new HttpRequestException("It answers with another address, which is not followed.", null, reply.StatusCode);
        }
        if (reply.StatusCode == HttpStatusCode.NotFound && request.Method == HttpMethod.Post && request.Headers.Contains(SessionHeader))
        {
            _isForgotten = true;
            reply.Dispose();
            throw new HttpRequestException("It does not know the session.", null, reply.StatusCode);
        }
        if (reply.StatusCode == HttpStatusCode.BadRequest && Watched.Value is { } faults) faults.IsRefused = true;
        var body = await reply.Content.ReadAsStreamAsync(cancellationToken);
        var content = new StreamContent(new BoundedStream(body, bytesMax, Watched.Value));
        foreach (var header in reply.Content.Headers) content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        reply.Content = content;
        return reply;
    }

    /// <summary>Tells a server that its session is over. It need not know.</summary>
    private async Task<HttpResponseMessage> LeaveAsync(HttpRequestMessage request, CancellationToken cancelled)
    {
        using var deadline = new CancellationTokenSource(closeTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, deadline.Token);
        return await base.SendAsync(request, either.Token);
    }
}
