using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Samovar.Cli.Agents;

/// <summary>Asks for a response by its id, where its events can no longer be had.</summary>
internal sealed class StoredResponse(Uri baseUrl, string? key, TimeProvider time)
{
    private const int TriesMax = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The response once it has ended; null where there is none.</summary>
    public async Task<JsonElement?> EndedAsync(string id, CancellationToken userGone)
    {
        using var http = new HttpClient();
        if (key is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var address = new Uri($"{baseUrl.AbsoluteUri.TrimEnd('/')}/responses/{Uri.EscapeDataString(id)}");
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (tries > 0) await Task.Delay(Pause, time, userGone);
            using var reply = await http.GetAsync(address, userGone);
            if (reply.StatusCode == HttpStatusCode.NotFound) return null;
            if (!reply.IsSuccessStatusCode) continue;
            using var response = JsonDocument.Parse(await reply.Content.ReadAsStringAsync(userGone));
            if (response.RootElement.GetProperty("status"u8).AnyString() is not ("queued" or "in_progress"))
                return response.RootElement.Clone();
        }
        return null;
    }
}
