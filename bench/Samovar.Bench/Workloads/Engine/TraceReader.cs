using System.IO.Compression;
using System.Text.Json;

namespace Samovar.Bench.Workloads.Engine;

/// <summary>
/// Reads recorded sessions: <c>block_size</c>, and <c>requests</c> with <c>t</c>, <c>in</c>, <c>out</c> and <c>hash_ids</c>; a request
/// of the type <c>subagent</c> has requests of its own, whose blocks are the parent's where they are equal.
/// </summary>
internal static class TraceReader
{
    public const int BlockTokens = 64;

    /// <param name="path">JSON, or JSON in gzip.</param>
    public static IReadOnlyList<ReplayTurn> Read(string path)
    {
        using var file = File.OpenRead(path);
        using var plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var json = JsonDocument.Parse(plain);
        var scope = Path.GetFileName(path).Split('.')[0];
        if (json.RootElement.TryGetProperty("block_size", out var size) && size.GetInt32() != BlockTokens)
            throw new InvalidOperationException($"{path} has blocks of {size.GetInt32()} tokens, not of {BlockTokens}.");
        var turns = new List<ReplayTurn>();
        ReadRequests(json.RootElement.GetProperty("requests"), scope, "main", 0, turns);
        return turns;
    }

    /// <param name="began">When, in the trace's seconds; a sub-agent's own seconds begin there.</param>
    private static void ReadRequests(JsonElement requests, string scope, string session, double began, List<ReplayTurn> turns)
    {
        var agents = 0;
        foreach (var request in requests.EnumerateArray())
        {
            var at = began + request.GetProperty("t").GetDouble();
            if (request.TryGetProperty("requests", out var own))
                ReadRequests(own, scope, $"{session}.{++agents}", at, turns);
            else if (request.TryGetProperty("hash_ids", out var ids) && ids.GetArrayLength() > 0)
                turns.Add(new ReplayTurn(scope, session, at, request.GetProperty("in").GetInt32(),
                    Math.Max(1, request.GetProperty("out").GetInt32()), [.. ids.EnumerateArray().Select(id => id.GetInt32())]));
        }
    }
}
