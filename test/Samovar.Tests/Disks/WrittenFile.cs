using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Accounting;
using Samovar.Disks;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;
using Samovar.Server.Monitoring;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Disks;

/// <summary>A file that the server writes, as a test sees it: numbered entries go in, and can be read back.</summary>
internal abstract class WrittenFile : IDisposable
{
    public const int QueueMax = 300;

    protected WrittenFile(string name, string path)
    {
        Options = new DiskOptions();
        Condition = new FileCondition(name, path, Options, Logger);
    }

    public ManualTime Time { get; } = new();
    public LevelLogger Logger { get; } = new();
    public DiskOptions Options { get; }
    public FileCondition Condition { get; }
    public abstract FileLoop Service { get; }
    protected TestMeters Meters { get; } = new();

    public static WrittenFile Of(string name, string path) => name == "affinity" ? new Affinity(path) : new RequestLog(path);

    public abstract void Add(int number);
    public abstract IReadOnlyList<int> Read();

    /// <summary>Lets the next try come, and waits for it.</summary>
    public async Task RetryAsync(Func<bool> isDone)
    {
        await Soon.UntilAsync(() =>
        {
            if (isDone()) return true;
            Time.Advance(Options.RetryDelayMax);
            return false;
        });
    }

    public static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo()) await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    public virtual void Dispose()
    {
        Service.Dispose();
        Meters.Dispose();
    }

    private sealed class Affinity : WrittenFile
    {
        private readonly AffinityJournal _journal;

        public Affinity(string path) : base("affinity", path) => _journal = new AffinityJournal(
            new UpstreamOptions { AffinityWriteDelay = TimeSpan.Zero, AffinityQueueMax = QueueMax }, Condition, AffinityFile.Open, Time,
            Meters, NullLogger<AffinityJournal>.Instance);

        public override FileLoop Service => _journal;

        public override void Add(int number) => _journal.Note(
            new AffinityRow(AffinityKey.Of(TenantId.Local, AffinityKind.Thread, $"n{number}"), $"{number}", Time.GetUtcNow()));

        public override IReadOnlyList<int> Read()
        {
            using var file = AffinityFile.Open(Condition.Path);
            return [.. file.Read(DateTimeOffset.UnixEpoch, int.MaxValue).Select(row => int.Parse(row.Destination)).Order()];
        }
    }

    private sealed class RequestLog : WrittenFile
    {
        private readonly RequestLogFile _log;

        public RequestLog(string path) : base("request_log", path) => _log = new RequestLogFile(
            new MonitoringOptions { RequestLogQueueMax = QueueMax }, Condition, LineFile.Open, new RequestLogMetrics(Meters), Time);

        public override FileLoop Service => _log;

        public override void Add(int number) =>
            _log.Write(new RequestRecord { Tenant = TenantId.Local, Outcome = "completed", Response = new ResponseId($"{number}") });

        public override IReadOnlyList<int> Read() =>
        [
            .. File.ReadAllLines(Condition.Path)
                .Select(line => int.Parse(JsonDocument.Parse(line).RootElement.GetProperty("response").GetString()!)).Order(),
        ];
    }
}
