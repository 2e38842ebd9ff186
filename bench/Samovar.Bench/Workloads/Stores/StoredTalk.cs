using System.Text.Json;
using Samovar.Testing.Servers;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>A conversation on a WebSocket whose responses are stored; each turn sends what is new.</summary>
internal sealed class StoredTalk(ClientSocket socket) : IAsyncDisposable
{
    /// <summary>The newest response that was seen completed.</summary>
    public string? Last { get; set; }

    /// <summary>Its input and its output, and that of all before it, in order.</summary>
    public List<string> Said { get; } = [];
    public bool KeepsSaid { get; init; }

    /// <summary>The response that was begun and not seen completed.</summary>
    public string? Begun { get; private set; }

    public long ItemBytes { get; private set; }

    /// <param name="keepsSaid">Whether what was said is remembered.</param>
    public static async Task<StoredTalk> OpenAsync(Uri server, bool keepsSaid = false)
    {
        var address = new UriBuilder(server) { Scheme = "ws", Path = "/v1/responses" }.Uri;
        return new StoredTalk(await ClientSocket.ConnectAsync(address)) { KeepsSaid = keepsSaid };
    }

    /// <param name="settings">More fields of the frame.</param>
    public async Task TurnAsync(string text, IReadOnlyDictionary<string, object?>? settings = null)
    {
        Begun = null;
        var frame = new Dictionary<string, object?>(settings ?? new Dictionary<string, object?>(), StringComparer.Ordinal)
        {
            ["type"] = "response.create", ["model"] = "m", ["store"] = true, ["previous_response_id"] = Last, ["temperature"] = 0,
            ["input"] = new[] { new { type = "message", role = "user", content = new[] { new { type = "input_text", text } } } },
        };
        await socket.SendAsync(JsonSerializer.Serialize(frame));
        while (true)
        {
            var e = await socket.ReceiveAsync();
            var type = e.GetProperty("type").GetString();
            if (type == "response.created") Begun = e.GetProperty("response").GetProperty("id").GetString();
            if (!ClientSocket.IsTerminal(e)) continue;
            if (type is not ("response.completed" or "response.incomplete")) throw new InvalidOperationException($"A turn failed: {e}");
            Note(text, e.GetProperty("response"), JsonSerializer.SerializeToUtf8Bytes(frame["input"]).Length);
            return;
        }
    }

    private void Note(string text, JsonElement response, int inputBytes)
    {
        (Last, Begun) = (response.GetProperty("id").GetString(), null);
        if (KeepsSaid) Said.Add(text);
        var output = response.GetProperty("output");
        ItemBytes += inputBytes + output.GetRawText().Length;
        if (!KeepsSaid) return;
        foreach (var item in output.EnumerateArray())
            if (item.TryGetProperty("content", out var parts))
                Said.Add(string.Concat(parts.EnumerateArray().Select(part => part.GetProperty("text").GetString())));
    }

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}
