using System.Net;

namespace Samovar.Client.Transports;

/// <summary>Passes the request for a socket on, and keeps what is answered instead of one: who opens it is told the status alone, which
/// what stands before the server has as well.</summary>
internal sealed class UpgradeAnswer(HttpMessageInvoker http, TimeProvider time) : HttpMessageHandler
{
    private const int BytesMax = 4 << 10;
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(2); // behind its head
    private readonly byte[] _body = new byte[BytesMax];
    private int _length;

    /// <summary>Whether it says something that is no JSON: a page of a proxy or a login, in whatever form. An error of the API is an
    /// object, and some servers say nothing at all.</summary>
    public bool IsPage => _body.AsSpan(0, _length).TrimStart(" \t\r\n\uFEFF"u8) is [not (byte)'{', ..];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken caller)
    {
        var answer = await http.SendAsync(request, caller);
        if (answer.StatusCode != HttpStatusCode.SwitchingProtocols) await KeepAsync(answer, caller);
        return answer;
    }

    private async Task KeepAsync(HttpResponseMessage answer, CancellationToken caller)
    {
        using var late = new CancellationTokenSource(TimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        try
        {
            var stream = await answer.Content.ReadAsStreamAsync(either.Token);
            while (_length < BytesMax && await stream.ReadAsync(_body.AsMemory(_length), either.Token) is > 0 and var read) _length += read;
        }
        catch (Exception cut) when (!caller.IsCancellationRequested
            && cut is IOException or HttpRequestException or OperationCanceledException)
        {
            // what came is all there is
        }
    }
}
