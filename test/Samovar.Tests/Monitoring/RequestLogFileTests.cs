using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Accounting;
using Samovar.Disks;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Server.Monitoring;
using Samovar.Testing.Core;

namespace Samovar.Tests.Monitoring;

public sealed class RequestLogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-request-log");
    private readonly TestMeters _meters = new();
    private readonly RequestLogMetrics _metrics;

    public RequestLogFileTests() => _metrics = new RequestLogMetrics(_meters);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_AreLines_AndFullFilesAreKeptByNumber()
    {
        var path = Path.Combine(_folder.FullName, "sub", "requests.jsonl");
        using var log = Log(path, new MonitoringOptions { RequestLogBytesMax = 1024, RequestLogFilesMax = 2 });
        for (var i = 0; i < 40; i++) log.Write(Record(i));
        await log.StartAsync(Cancelled);
        await log.StopAsync(Cancelled);

        var files = Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["requests.jsonl.1", "requests.jsonl.2"], files.Where(name => name != "requests.jsonl"));
        Assert.Equal((40, 0, 0), (_metrics.Written, _metrics.Dropped, _metrics.Lost));
    }

    [Fact]
    public void Line_HasEveryFieldOfTheRecord()
    {
        var record = Record(7) with
        {
            Previous = new ResponseId("resp_6"), Lane = new LaneId("l"), Client = "agent/1",
            RequestModel = "asked", Model = "m", ErrorCode = "c", Matched = "content",
            MissCause = "moved", BytesFromClient = 1, BytesToClient = 2, BytesToUpstream = 3, BytesBack = 4, Retries = 1,
            Faults = ["b:rate_limited"], Queued = TimeSpan.FromMilliseconds(5), BackendQueued = TimeSpan.FromMilliseconds(6),
            FirstToken = TimeSpan.FromMilliseconds(7), Total = TimeSpan.FromMilliseconds(8), StoreTime = TimeSpan.FromMilliseconds(9),
            Compaction = "model", CompactionForm = "automatic", CompactionTime = TimeSpan.FromMilliseconds(10),
            CompactionTokensBefore = 11, CompactionTokensAfter = 12, IsBackground = true, Resumes = 13,
        };
        using var line = JsonDocument.Parse(RequestLogLine.Of(record, DateTimeOffset.UnixEpoch));
        const string expected = """
            {"at":"1970-01-01T00:00:00+00:00","outcome":"completed","tenant":"local","response":"resp_7","previous":"resp_6","lane":"l",
            "client":"agent/1","request_model":"asked","model":"m","destination":"a","affinity":"owner",
            "matched":"content","compaction":"model","compaction_form":"automatic","compaction_ms":10,"compaction_tokens_before":11,
            "compaction_tokens_after":12,"background":true,"resumed":13,"error":"c","miss":"moved","bytes_from_client":1,
            "bytes_to_client":2,"bytes_to_upstream":3,"bytes_back":4,"input_tokens":10,"cached_tokens":8,"output_tokens":2,"retries":1,
            "faults":["b:rate_limited"],"queued_ms":5,"backend_queued_ms":6,"first_token_ms":7,"store_ms":9,"total_ms":8,
            "dropped":["truncation"]}
            """;
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, line.RootElement), line.RootElement.GetRawText());
    }

    [Fact]
    public async Task ManyWriters_LoseNothing_WhileFilesRotate()
    {
        const int writers = 8, each = 500;
        var path = Path.Combine(_folder.FullName, "requests.jsonl");
        using var log = Log(path, new MonitoringOptions { RequestLogBytesMax = 20_000, RequestLogFilesMax = 1000 });
        await log.StartAsync(Cancelled);
        await Parallel.ForAsync(0, writers, Cancelled, (writer, _) =>
        {
            for (var i = 0; i < each; i++) log.Write(Record(writer * each + i));
            return ValueTask.CompletedTask;
        });
        await log.StopAsync(Cancelled);

        var files = Directory.GetFiles(_folder.FullName);
        Assert.True(files.Length > 10, $"{files.Length} files");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            Assert.InRange(new FileInfo(file).Length, 1, 20_000 + 1000); // the line that fills it may stand out
            foreach (var line in await File.ReadAllLinesAsync(file, Cancelled))
                Assert.True(ids.Add(JsonDocument.Parse(line).RootElement.GetProperty("response").GetString()!));
        }
        Assert.Equal((writers * each, 0, 0), (ids.Count, _metrics.Dropped, _metrics.Lost));
    }

    public void Dispose()
    {
        _meters.Dispose();
        _folder.Delete(recursive: true);
    }

    private RequestLogFile Log(string path, MonitoringOptions options) => new(
        options, new FileCondition("request_log", path, new DiskOptions(), NullLogger.Instance), LineFile.Open, _metrics,
        TimeProvider.System);

    private static RequestRecord Record(int number) => new()
    {
        Tenant = TenantId.Local, Outcome = "completed", Response = new ResponseId($"resp_{number}"), Destination = "a", Affinity = "owner",
        Usage = new Usage(10, 8, 2, 0), Dropped = ["truncation"],
    };
}
