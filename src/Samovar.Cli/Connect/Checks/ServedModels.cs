using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Setups;
using Samovar.Client.Transports;

namespace Samovar.Cli.Connect.Checks;

/// <summary>A model that a server lists.</summary>
internal sealed record ServedModel(string Name, int? ContextTokens);

/// <summary>Asks a server which models it has, before anything is written for it.</summary>
internal sealed class ServedModels(Uri server, string? key) : IDisposable
{
    private const int BytesMax = 16 << 20, NamesMax = 8;
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(20);
    private readonly HttpClient _http = new(new SocketsHttpHandler { Proxy = ProxyBeyondLoopback.Instance })
    {
        Timeout = AnswerMax, MaxResponseContentBufferSize = BytesMax,
    };

    /// <param name="wanted">The name that was asked for; null takes the first.</param>
    /// <exception cref="UsageException">There is no such model, or none.</exception>
    /// <exception cref="NoServerException">The server does not answer, or not as one.</exception>
    public async Task<ServedModel> FindAsync(string? wanted, CancellationToken userGone)
    {
        using var json = JsonDocument.Parse(await GetAsync("v1/models", userGone));
        var models = json.RootElement.TryGetProperty("data"u8, out var data) && data.ValueKind == JsonValueKind.Array
            ? data.EnumerateArray().Select(Read).OfType<ServedModel>().ToList() : [];
        if (wanted is null)
            return models.Count > 0 ? models[0] : throw new UsageException($"{server} lists no model: name one with --model.");
        if (models.Find(model => model.Name == wanted) is { } found) return found;
        // One that is passed on or an alias is served, but not listed; with a single model every name is that one.
        return await IsKnownAsync(wanted, userGone) ? new ServedModel(wanted, null) : models.Count == 1
            ? models[0] with { Name = wanted }
            : throw new UsageException($"{server} has no model '{wanted}': it has "
                + string.Join(", ", models.Take(NamesMax).Select(one => one.Name)) + ".");
    }

    /// <summary>The catalogue that Codex reads, as the server writes it.</summary>
    public Task<string> CodexCatalogueAsync(CancellationToken userGone) => GetAsync("v1/models?client_version=0", userGone);

    private static ServedModel? Read(JsonElement model) =>
        model.ValueKind == JsonValueKind.Object && model.TryGetProperty("id"u8, out var id) && id.AnyString() is { } name
            ? new ServedModel(
                name, model.TryGetProperty("context_length"u8, out var tokens) && tokens.TryGetInt32(out var count) ? count : null)
            : null;

    private async Task<bool> IsKnownAsync(string name, CancellationToken userGone)
    {
        using var request = Request("v1/models/" + Uri.EscapeDataString(name));
        using var answer = await _http.SendAsync(request, userGone);
        return answer.IsSuccessStatusCode;
    }

    private HttpRequestMessage Request(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(ConnectTarget.RootOf(server) + "/" + path));
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    private async Task<string> GetAsync(string path, CancellationToken userGone)
    {
        using var request = Request(path);
        try
        {
            using var answer = await _http.SendAsync(request, userGone);
            if (answer.StatusCode != HttpStatusCode.OK) throw Trouble(answer.StatusCode, null);
            var text = await answer.Content.ReadAsStringAsync(userGone);
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object ? text : throw new UsageException(Complaint.Unreadable);
        }
        catch (HttpRequestException fault) { throw Trouble(null, fault); }
        catch (JsonException) { throw new UsageException(Complaint.Unreadable); }
        catch (TaskCanceledException fault) when (!userGone.IsCancellationRequested) { throw Trouble(null, fault); }
    }

    private NoServerException Trouble(HttpStatusCode? status, Exception? fault) => new(
        NoServerException.Sentence(server, status, fault, "--key or --key-env", "--server"),
        fault ?? new HttpRequestException(status.ToString()));

    public void Dispose() => _http.Dispose();
}
