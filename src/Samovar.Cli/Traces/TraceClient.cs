using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Samovar.Cli.Agents;
using Samovar.Client.Transports;
using Samovar.Server.Monitoring.Traces;

namespace Samovar.Cli.Traces;

/// <summary>Asks a server where a turn's time went, and what its cache did.</summary>
internal sealed class TraceClient(Uri server, string? key) : IDisposable
{
    /// <summary>What the commands about one turn say of their options.</summary>
    public const string WhoseKey = "The key of the turn's tenant, or an operator's.", WhichResponse = "The response's id: resp_…";

    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http = ProxyBeyondLoopback.Client(AnswerTimeMax);

    /// <param name="format">json, chrome or otlp.</param>
    /// <returns>The trace's bytes, or why they could not be had.</returns>
    public Task<(byte[]? Trace, string? Trouble)> AskAsync(string response, string format, CancellationToken userGone) =>
        GetAsync($"/v1/samovar/trace/{Uri.EscapeDataString(response)}?format={format}", response, userGone);

    /// <returns>What the turn's cache did, as JSON, or why it could not be had.</returns>
    public Task<(byte[]? Json, string? Trouble)> AskWhyAsync(string response, CancellationToken userGone) =>
        GetAsync($"/v1/samovar/why/{Uri.EscapeDataString(response)}", response, userGone);

    private async Task<(byte[]?, string? Trouble)> GetAsync(string path, string response, CancellationToken userGone)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, path));
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var answer = await _http.SendAsync(request, userGone);
            var body = await answer.Content.ReadAsByteArrayAsync(userGone);
            return answer.IsSuccessStatusCode ? (body, null) : (null, Trouble(answer.StatusCode, body, response));
        }
        catch (HttpRequestException exception)
        {
            return (null, NoServerException.Sentence(server, null, exception, "--key or --key-env", "--server"));
        }
        catch (OperationCanceledException) when (!userGone.IsCancellationRequested) { return (null, $"{server} does not answer in time."); }
    }

    public static TraceReport? Read(byte[] json)
    {
        try { return JsonSerializer.Deserialize(json, TraceJson.Default.TraceReport); }
        catch (JsonException) { return null; }
    }

    public void Dispose() => _http.Dispose();

    private string Trouble(HttpStatusCode status, byte[] body, string response) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ServiceUnavailable =>
            NoServerException.Sentence(server, status, null, "--key or --key-env", "--server"),
        HttpStatusCode.NotFound when IsOfId(body) => $"{server} has no trace of {response}: it never ran there, is another tenant's, or is "
            + "forgotten. The newest turns are kept in memory, as many as Tracing:KeptMax says (0: none), and none over a restart.",
        _ => $"{server} answers {(int)status}: is it a Samovar of this version?",
    };

    private static bool IsOfId(byte[] body) => body.AsSpan().IndexOf("response_not_found"u8) >= 0;
}
