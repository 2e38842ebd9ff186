using Samovar.Testing.Models;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Hosting;

/// <summary>A PostgreSQL that several servers share, each a process of its own; each test takes a schema of its own.</summary>
public sealed class SharedDatabase : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-shared-");
    private PostgresServer? _database;
    private string _reason = "";
    private int _schemas;

    public async ValueTask InitializeAsync() => (_database, _reason) = await PostgresServer.TryStartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Two servers on a schema that nobody else uses. Skips the test where the machine has no PostgreSQL.</summary>
    internal Task<SharingPair> StartTwoAsync() => StartTwoAsync(NewAddress());

    /// <summary>A schema that nobody else uses.</summary>
    internal string NewAddress()
    {
        Assert.SkipWhen(_database is null, _reason);
        return _database.ConnectionString($"shared_{Interlocked.Increment(ref _schemas)}");
    }

    internal async Task<SharingPair> StartTwoAsync(string address)
    {
        var servers = await Task.WhenAll(StartAsync(address), StartAsync(address)); // both make the tables
        return new SharingPair(servers[0], servers[1], () => StartAsync(address));
    }

    /// <summary>The database stands still, with all of its connections, and does not say so.</summary>
    internal Task PauseAsync() => _database!.PauseAsync();

    internal Task ResumeAsync() => _database!.ResumeAsync();

    /// <summary>It ends, with all that is under way, and is started again.</summary>
    internal async Task RestartAsync()
    {
        await _database!.StopAsync();
        await _database.StartAsync();
    }

    /// <param name="more">Settings beside the usual ones.</param>
    internal Task<SharingServer> StartAsync(string address, params (string Name, string Value)[] more) => StartAsync(address, null, more);

    /// <param name="program">The server of another build; null is that of this one.</param>
    internal async Task<SharingServer> StartAsync(string address, string? program, params (string Name, string Value)[] more)
    {
        var settings = SettingsOf(address);
        foreach (var (name, value) in more) settings["SAMOVAR_" + name] = value;
        return new SharingServer(await ServerProcess.StartAsync(":", settings, server: program));
    }

    private Dictionary<string, string> SettingsOf(string address) =>
        new(StringComparer.Ordinal)
        {
            ["SAMOVAR_Server__DataPath"] = Path.Combine(_folder.FullName, Path.GetRandomFileName()),
            ["SAMOVAR_Store__Kind"] = "postgres",
            ["SAMOVAR_Store__ConnectionString"] = address,
            ["SAMOVAR_Background__LeaseInterval"] = "00:00:01",
            ["SAMOVAR_Background__LeaseMax"] = "00:00:05",
            ["SAMOVAR_Conversations__LockMax"] = "00:00:05",
            ["SAMOVAR_Logging__LogLevel__Default"] = "Error",
            ["SAMOVAR_Engine__ModelPath"] =
                RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.Q8),
            ["SAMOVAR_Engine__ContextTokens"] = "8192",
            ["SAMOVAR_Engine__Streams"] = "2",
            ["SAMOVAR_Engine__Threads"] = "1",
            // Fewer than 64, with Q8 weights: then a token's sums do not depend on the batch that it is in, and servers agree to the bit.
            ["SAMOVAR_Engine__BatchTokens"] = "48",
            ["SAMOVAR_Engine__Device"] = "cpu",
        };
}

/// <summary>Two servers of one schema, and a way to start one more.</summary>
internal sealed record SharingPair(SharingServer A, SharingServer B, Func<Task<SharingServer>> StartThird);
