using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Samovar.Cli.Agents;
using Samovar.Client.Transports;
using Samovar.Server.Monitoring.Status;

namespace Samovar.Cli.Top;

/// <summary>Asks a server how it is.</summary>
internal sealed class StatusClient(Uri server, string? key) : IDisposable
{
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(5);
    private readonly HttpClient _http = ProxyBeyondLoopback.Client(AnswerTimeMax);

    public Uri Server { get; } = server;

    /// <returns>The report, or why it could not be had.</returns>
    public async Task<(StatusReport? Report, string? Trouble)> AskAsync(CancellationToken userGone)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server, "/v1/samovar/status"));
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var answer = await _http.SendAsync(request, userGone);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ServiceUnavailable)
                return (null, NoServerException.Sentence(Server, answer.StatusCode, null, "--key or --key-env", "--server"));
            if (!answer.IsSuccessStatusCode) return (null, $"{Server} answers {(int)answer.StatusCode}: is it a Samovar of this version?");
            var body = await answer.Content.ReadAsByteArrayAsync(userGone);
            return (JsonSerializer.Deserialize(body, StatusJson.Default.StatusReport), null);
        }
        catch (HttpRequestException exception)
        {
            return (null, NoServerException.Sentence(Server, null, exception, "--key or --key-env", "--server"));
        }
        catch (JsonException) { return (null, $"What {Server} answers cannot be read: is it a Samovar of this version?"); }
        catch (OperationCanceledException) when (!userGone.IsCancellationRequested) { return (null, $"{Server} does not answer in time."); }
    }

    public void Dispose() => _http.Dispose();
}
