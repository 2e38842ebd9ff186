using System.Text.Json;

namespace Samovar.Bench.Servers;

/// <summary>What the server's record says of one turn's time, in milliseconds from its arrival.</summary>
/// <param name="Queued">Until it began; over HTTP the request's body came in the meantime.</param>
/// <param name="BackendQueued">What it waited for a stream of the engine or a place at a destination.</param>
/// <param name="FirstToken">Null where there was no output.</param>
internal sealed record RequestTimes(double Queued, double? BackendQueued, double? FirstToken, double Total)
{
    public static RequestTimes Of(JsonElement line) => new(line.GetProperty("queued_ms").GetDouble(), Number(line, "backend_queued_ms"),
        Number(line, "first_token_ms"), line.GetProperty("total_ms").GetDouble());

    private static double? Number(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.GetDouble() : null;
}

/// <summary>A server's request log, read as it grows.</summary>
internal sealed class RequestTimesLog(string path) : IDisposable
{
    /// <summary>The setting that keeps a log in one file for as long as a run lasts.</summary>
    public static readonly (string Key, string Value) OneFile = ("Monitoring:RequestLogBytesMax", "1099511627776");

    private static readonly TimeSpan LineMax = TimeSpan.FromSeconds(2), Interval = TimeSpan.FromMilliseconds(10);
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Dictionary<string, RequestTimes> _unasked = new(StringComparer.Ordinal);
    private long _read;

    /// <summary>The times of these responses, or completions; without those whose lines do not come.</summary>
    public async Task<IReadOnlyDictionary<string, RequestTimes>> OfAsync(IReadOnlyCollection<string> ids, CancellationToken stop)
    {
        var found = new Dictionary<string, RequestTimes>(StringComparer.Ordinal);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await _reading.WaitAsync(stop);
            try
            {
                await ReadAsync(stop);
                foreach (var id in ids)
                    if (_unasked.Remove(Plain(id), out var times)) found[id] = times;
            }
            finally
            {
                _reading.Release();
            }
            if (found.Count == ids.Count || TimeProvider.System.GetElapsedTime(started) > LineMax) return found;
            await Task.Delay(Interval, stop);
        }
    }

    public void Dispose() => _reading.Dispose();

    private async Task ReadAsync(CancellationToken stop)
    {
        if (!File.Exists(path)) return;
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(_read, SeekOrigin.Begin);
        using var fresh = new MemoryStream();
        await file.CopyToAsync(fresh, stop);
        var bytes = fresh.GetBuffer().AsMemory(0, (int)fresh.Length);
        while (bytes.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            Take(bytes[..end]);
            bytes = bytes[(end + 1)..];
            _read += end + 1;
        }
    }

    private void Take(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.IsEmpty) return;
        using var line = JsonDocument.Parse(utf8);
        if (line.RootElement.TryGetProperty("response", out var id)) _unasked[Plain(id.GetString()!)] = RequestTimes.Of(line.RootElement);
    }

    /// <summary>A completion has its response's name behind another word.</summary>
    private static string Plain(string id) => id[(id.IndexOfAny(['_', '-']) + 1)..];
}
