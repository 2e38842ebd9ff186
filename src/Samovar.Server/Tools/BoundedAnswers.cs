namespace Samovar.Server.Tools;

/// <summary>Lets no server of tools send more than so many bytes for one answer, lead elsewhere, or hold up a good-bye.</summary>
internal sealed class BoundedAnswers(HttpMessageHandler inner, int bytesMax, TimeSpan closeTimeMax, TimeProvider time)
    : DelegatingHandler(inner)
{
    private static readonly AsyncLocal<AnswerFaults?> Watched = new();

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
