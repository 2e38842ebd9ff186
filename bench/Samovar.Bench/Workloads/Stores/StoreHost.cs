using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Embedded;
using Samovar.Bench.Servers;
using Samovar.Protocol.Ids;
using Samovar.Templates;
using Samovar.Testing.Engines;
using Samovar.Testing.Servers;
using Samovar.Testing.Stores;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>A server in this process whose engine takes no time, on one kind of store.</summary>
internal sealed class StoreHost : IAsyncDisposable
{
    private readonly InstantEngine _engine;

    private StoreHost(InstantEngine engine, RunningServer server) => (_engine, Server) = (engine, server);

    public RunningServer Server { get; }

    /// <param name="settings">Of the store.</param>
    public static async Task<StoreHost> StartAsync(Dictionary<string, string?> settings)
    {
        var tokenizer = new FakeTokenizer([new("<|im_start|>"), new("<|im_end|>", EndsTurn: true)], end: "<|im_end|>");
        var engine = new InstantEngine(tokenizer, BuiltInTemplates.ChatMlSource);
        var backend = new EmbeddedBackend(
            engine, new EmbeddedOptions(), TimeProvider.System, new IdSource(), NullLogger<EmbeddedBackend>.Instance);
        return new StoreHost(engine, await RunningServer.StartAsync(backend, settings));
    }

    public static Dictionary<string, string?> Memory() => new() { ["Store:Kind"] = "memory" };

    public static Dictionary<string, string?> Sqlite(string folder) => new()
    {
        ["Store:Kind"] = "sqlite", ["Server:DataPath"] = folder,
    };

    public static Dictionary<string, string?> Postgres(PostgresServer database) => new()
    {
        ["Store:Kind"] = "postgres", ["Store:ConnectionString"] = database.ConnectionString("bench"),
    };

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _engine.DisposeAsync();
    }
}

/// <summary>A folder that ends with the workload.</summary>
internal sealed class ScratchFolder : IDisposable
{
    /// <param name="beside">Where; null: among the temporary files, which may lie in memory.</param>
    public ScratchFolder(string? beside) => Path = beside is null ? Directory.CreateTempSubdirectory("samovar-bench-").FullName
        : Directory.CreateDirectory(System.IO.Path.Combine(beside, "samovar-bench-" + System.IO.Path.GetRandomFileName())).FullName;

    public string Path { get; }

    /// <summary>Bytes of all its files.</summary>
    public long Bytes => new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
