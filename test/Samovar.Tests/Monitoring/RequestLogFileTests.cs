using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Accounting;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Server.Monitoring;

namespace Samovar.Tests.Monitoring;

public sealed class RequestLogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-request-log");

    [Fact]
    public async Task Records_AreLines_AndFullFilesAreKeptByNumber()
    {
        var path = Path.Combine(_folder.FullName, "sub", "requests.jsonl");
        var options = new MonitoringOptions { RequestLogBytesMax = 1024, RequestLogFilesMax = 2 };
        using var log = new RequestLogFile(options, path, TimeProvider.System, NullLogger<RequestLogFile>.Instance);
        for (var i = 0; i < 40; i++) log.Write(Record(i));
        await log.StartAsync(TestContext.Current.CancellationToken);
        await log.StopAsync(TestContext.Current.CancellationToken);

        var files = Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["requests.jsonl.1", "requests.jsonl.2"], files.Where(name => name != "requests.jsonl"));
        var lines = await File.ReadAllLinesAsync(path + ".1", TestContext.Current.CancellationToken);
        Assert.All(lines, line => Assert.Equal("a", JsonDocument.Parse(line).RootElement.GetProperty("destination").GetString()));
        Assert.Equal(0, log.Dropped);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static RequestRecord Record(int number) => new()
    {
        Tenant = TenantId.Local, Outcome = "completed", Response = new ResponseId($"resp_{number}"), Destination = "a", Affinity = "owner",
        Usage = new Usage(10, 8, 2, 0), Dropped = ["truncation"],
    };
}
