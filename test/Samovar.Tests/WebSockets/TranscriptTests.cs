using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

/// <summary>
/// The wire, held to files: a line <c>{"in":frame}</c> is sent, the lines <c>{"out":frame}</c> behind it must come, whole, in this order.
/// With SAMOVAR_RECORD=1 the files are rewritten; read the difference before it is kept.
/// </summary>
public class TranscriptTests
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Folder(), "*.jsonl").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Frames_AreAsWrittenDown(string file)
    {
        var path = Path.Combine(Folder(), file);
        var expected = await File.ReadAllLinesAsync(path);
        var actual = await PlayAsync(expected.Where(line => line.StartsWith("{\"in\":", StringComparison.Ordinal)));
        if (Environment.GetEnvironmentVariable("SAMOVAR_RECORD") == "1") await File.WriteAllLinesAsync(path, actual);
        else Assert.Equal(expected, actual);
    }

    private static async Task<List<string>> PlayAsync(IEnumerable<string> sent)
    {
        var ids = new SeededIds();
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(ids), null, services => services
            .AddSingleton<TimeProvider>(new ManualTime()).AddSingleton<IdSource>(ids));
        await using var socket = await server.ConnectAsync();
        var lines = new List<string>();
        foreach (var line in sent)
        {
            lines.Add(line);
            var frame = JsonNode.Parse(line)!["in"]!;
            // a string stands for a frame that is not JSON
            var text = frame is JsonValue value && value.TryGetValue<string>(out var raw) ? raw : frame.ToJsonString(Relaxed);
            foreach (var e in await socket.AskAsync(text)) lines.Add($$"""{"out":{{e.GetRawText()}}}""");
        }
        return lines;
    }

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Samovar.slnx"))) return Path
                .Combine(folder.FullName, "test", "Samovar.Tests", "Transcripts");
        throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
