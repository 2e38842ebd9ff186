using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Samovar.Cli.Agents;
using Samovar.Client.Transports;

namespace Samovar.Cli.Prefixes;

/// <summary>Speaks with a server about its prefixes.</summary>
internal sealed class PrefixClient(Uri server, string? key) : IDisposable
{
    private const string Path = "/v1/samovar/prefixes";
    private readonly HttpClient _http = ProxyBeyondLoopback.Client(Timeout.InfiniteTimeSpan); // a large prefix is computed for minutes

    /// <returns>What was answered, or why nothing was.</returns>
    public Task<(byte[]? Json, string? Trouble)> WarmAsync(byte[] order, CancellationToken userGone) =>
        SendAsync(HttpMethod.Post, Path, order, userGone);

    public Task<(byte[]? Json, string? Trouble)> ListAsync(CancellationToken userGone) => SendAsync(HttpMethod.Get, Path, null, userGone);

    public Task<(byte[]? Json, string? Trouble)> DropAsync(string id, CancellationToken userGone) =>
        SendAsync(HttpMethod.Delete, $"{Path}/{Uri.EscapeDataString(id)}", null, userGone);

    public void Dispose() => _http.Dispose();

    private async Task<(byte[]?, string?)> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken userGone)
    {
        using var request = new HttpRequestMessage(method, new Uri(server, path));
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        try
        {
            using var answer = await _http.SendAsync(request, userGone);
            var json = await answer.Content.ReadAsByteArrayAsync(userGone);
            return answer.IsSuccessStatusCode ? (json, null) : (null, Trouble(answer.StatusCode, json));
        }
        catch (HttpRequestException exception)
        {
            return (null, NoServerException.Sentence(server, null, exception, "--key or --key-env", "--server"));
        }
    }

    private string Trouble(HttpStatusCode status, byte[] body) => status != HttpStatusCode.Unauthorized && MessageOf(body) is { } message
        ? message : NoServerException.Sentence(server, status, null, "--key or --key-env", "--server");

    private static string? MessageOf(byte[] body)
    {
        try
        {
            using var read = JsonDocument.Parse(body);
            return read.RootElement.ValueKind == JsonValueKind.Object && read.RootElement.TryGetProperty("error"u8, out var error)
                && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message"u8, out var message)
                && message.ValueKind == JsonValueKind.String ? message.AnyString() : null;
        }
        catch (JsonException) { return null; }
    }
}
