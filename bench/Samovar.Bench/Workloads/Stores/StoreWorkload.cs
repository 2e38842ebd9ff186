using System.Security.Cryptography;
using Samovar.Bench.Reports;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;
using Samovar.Testing.Stores;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>
/// What it costs until a response is durable, one by one and many at once, beside the floor of one write and one fsync on the same disk;
/// what reading a long chain costs; what stored responses take on the disk.
/// </summary>
internal sealed record StoreWorkload(int RowsCount, int Callers, int RowBytes, int ChainCount, string Folder, string? Postgres)
{
    private static readonly TenantId Tenant = new("bench");
    private readonly Random _random = new(4711);
    private readonly IdSource _ids = new();

    public async Task RunAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "samovar-bench-" + Path.GetRandomFileName())).FullName;
        var (server, reason) = Postgres is null ? await PostgresServer.TryStartAsync(isDurable: true) : (null, "");
        try
        {
            var floor = Fsyncs(Path.Combine(folder, "floor"));
            Console.WriteLine($"One write of {RowBytes} bytes and one fsync: {Milliseconds(floor)}, p99 {Milliseconds(floor, 0.99)}\n");
            var table = new Table("store", "append, median", "p99", "/s", $"/s, {Callers} at once", "claim, median",
                $"read {ChainCount}, ms", "its allocations, MB", "disk bytes per byte stored");
            await MeasureAsync(new StoreOptions { CheckpointInterval = TimeSpan.FromMilliseconds(500) }, folder, table);
            if ((Postgres ?? server?.ConnectionString("samovar")) is { } address)
                await MeasureAsync(new StoreOptions { Kind = "postgres", ConnectionString = address }, folder, table);
            else
                Console.WriteLine($"\nno PostgreSQL: {reason}");
        }
        finally
        {
            if (server is not null) await server.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task MeasureAsync(StoreOptions options, string folder, Table table)
    {
        await using var store = new MeasuredStore(options, folder);
        await store.StartAsync();
        await ChainAsync(store.Rows, RowsCount / 10, []); // compiled and prepared first
        List<double> alone = [], claims = [];
        var tookAlone = await TimeAsync(() => ChainAsync(store.Rows, RowsCount, alone));
        var together = Callers * RowsCount / 10;
        var tookTogether = await TimeAsync(() => Task.WhenAll(
            Enumerable.Range(0, Callers).Select(_ => Task.Run(() => ChainAsync(store.Rows, RowsCount / 10, [])))));
        var last = await ChainAsync(store.Rows, ChainCount, []);
        for (var i = 0; i < RowsCount; i++)
            claims.Add((await TimeAsync(() => store.Rows.ClaimAsync(Tenant, last.Root, placed: null, default).AsTask())).TotalMilliseconds);
        var (reads, allocated) = await ReadAsync(store.Rows, last.Id);
        var stored = (long)(RowsCount / 10 + RowsCount + together + ChainCount) * RowBytes;
        table.Row(store.Name, Milliseconds(alone), Milliseconds(alone, 0.99), Figures.Show(RowsCount / tookAlone.TotalSeconds),
            Figures.Show(together / tookTogether.TotalSeconds), Milliseconds(claims), Figures.Show(Figures.Median(reads), 1),
            Figures.Show(allocated / 1e6, 1), Figures.Show((double)await store.BytesAsync() / stored, 2));
    }

    private async Task<(List<double> Reads, long Allocated)> ReadAsync(IChainRows rows, ResponseId id)
    {
        var reads = new List<double>();
        var allocated = 0L;
        for (var i = 0; i < 7; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var count = 0;
            reads.Add((await TimeAsync(async () =>
            {
                await foreach (var _ in rows.ReadAsync(Tenant, id, isHead: false, default)) count++;
            })).TotalMilliseconds);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            if (count != ChainCount) throw new InvalidOperationException($"The chain has {count} responses.");
        }
        return (reads, allocated);
    }

    /// <summary>As a turn does it: it takes the chain when it begins, and appends when it ends.</summary>
    private async Task<ChainRow> ChainAsync(IChainRows rows, int count, List<double> appends)
    {
        ChainRow? parent = null;
        for (var i = 0; i < count; i++)
        {
            var row = Row(parent);
            if (parent is not null) row = row with { Claim = await rows.ClaimAsync(Tenant, row.Root, placed: null, default) };
            appends.Add((await TimeAsync(() => rows.AppendAsync(row, default).AsTask())).TotalMilliseconds);
            parent = row;
        }
        return parent!;
    }

    private ChainRow Row(ChainRow? parent)
    {
        var id = ResponseId.New(_ids);
        var body = new byte[RowBytes]; // packed: nothing in it repeats
        lock (_random) _random.NextBytes(body);
        return new ChainRow
        {
            Tenant = Tenant, Id = id, Parent = parent?.Id, Root = parent?.Root ?? id, Depth = (parent?.Depth ?? 0) + 1,
            CreatedAt = TimeProvider.System.GetUtcNow(), Claim = ChainClaim.New, Body = body, Pieces = [s_tools],
            ItemIds = ["msg_" + _ids.Next(), "fc_" + _ids.Next()],
        };
    }

    private static readonly ContentPiece s_tools = Tools();

    private static ContentPiece Tools()
    {
        var bytes = new byte[4000];
        new Random(1).NextBytes(bytes);
        return new ContentPiece(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes);
    }

    private List<double> Fsyncs(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var took = new List<double>();
        for (var i = 0; i < RowsCount; i++)
        {
            var begun = TimeProvider.System.GetTimestamp();
            file.Write(new byte[RowBytes]);
            file.Flush(flushToDisk: true);
            took.Add(TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds);
        }
        return took;
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> run)
    {
        var begun = TimeProvider.System.GetTimestamp();
        await run();
        return TimeProvider.System.GetElapsedTime(begun);
    }

    private static string Milliseconds(List<double> values, double share = 0.5) =>
        Figures.Show(Figures.Percentile(values, share), 2) + " ms";
}
