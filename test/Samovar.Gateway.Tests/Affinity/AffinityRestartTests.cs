using System.Buffers.Binary;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Gateway.Affinity;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Affinity;

/// <summary>Two servers, one after the other, on the same data folder, in front of four accounts that share nothing.</summary>
public sealed class AffinityRestartTests : IAsyncLifetime
{
    private const int Conversations = 8;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-affinity-");
    private readonly List<FakeUpstream> _accounts = [];
    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();

    private string Path => System.IO.Path.Combine(_folder.FullName, "affinity.db");

    public async ValueTask InitializeAsync()
    {
        foreach (var name in new[] { "account-a", "account-b", "account-c", "account-d" })
            _accounts.Add(await FakeUpstream.StartAsync(name));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var account in _accounts) await account.DisposeAsync();
        _log.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Conversation_GoesToTheSameAccount_AfterARestart()
    {
        var before = await PlacesAsync();
        _time.Advance(TimeSpan.FromHours(3.9));
        Assert.Equal(before, await PlacesAsync());
        Assert.True(before.Distinct(StringComparer.Ordinal).Count() > 1, "several accounts are in use");
        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public async Task Conversation_IsForgotten_WhenItsTimeHasPassed()
    {
        await PlacesAsync();
        _time.Advance(TimeSpan.FromHours(4));
        await using var server = await StartAsync();
        Assert.Equal(0, server.Services.GetRequiredService<AffinityMap>().Count);
    }

    [Fact]
    public async Task UnstoredConversation_LeavesNoTrace()
    {
        await PlacesAsync(store: false);
        Assert.False(File.Exists(Path));

        await using (var server = await StartAsync())
        {
            await AskAsync(server, "kept", store: true);
            await AskAsync(server, "secret", store: false);
        }
        Assert.True(IsInFile("kept"));
        Assert.False(IsInFile("secret"));
    }

    [Fact]
    public async Task BrokenFile_IsMovedAside_AndTheServerStarts()
    {
        await File.WriteAllTextAsync(Path, new string('x', 10_000), TestContext.Current.CancellationToken);
        var before = await PlacesAsync();
        Assert.Contains("moved aside", Assert.Single(_log.Warnings), StringComparison.Ordinal);
        Assert.True(File.Exists(Path + ".broken"));
        Assert.Equal(before, await PlacesAsync());
    }

    [Fact]
    public async Task LockedFile_IsLeftAlone_AndTheServerStarts()
    {
        var before = await PlacesAsync();
        using (var other = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            other.Open();
            Execute(other, "PRAGMA locking_mode = EXCLUSIVE");
            Execute(other, "BEGIN EXCLUSIVE");
            await using var server = await StartAsync();
            await AskAsync(server, "another", store: true);
            Assert.Contains("cannot be written", Assert.Single(_log.Warnings), StringComparison.Ordinal);
        }
        Assert.Equal(before, await PlacesAsync());
    }

    /// <summary>Where each conversation goes in a server of its own.</summary>
    private async Task<List<string>> PlacesAsync(bool store = true)
    {
        await using var server = await StartAsync();
        List<string> places = [];
        for (var conversation = 0; conversation < Conversations; conversation++)
            places.Add(await AskAsync(server, $"thread-{conversation}", store));
        return places;
    }

    private Task<RunningServer> StartAsync()
    {
        Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Server:DataPath"] = _folder.FullName,
            ["Upstream:AffinityPath"] = "affinity.db",
            ["Logging:LogLevel:Default"] = "Warning",
            ["Upstream:Pools:0:Name"] = "p",
        };
        for (var account = 0; account < _accounts.Count; account++)
        {
            var at = $"Upstream:Pools:0:Destinations:{account}:";
            settings[at + "Name"] = _accounts[account].Name;
            settings[at + "Kind"] = "chat";
            settings[at + "BaseUrl"] = _accounts[account].BaseUrl;
            settings[at + "Models:0"] = "m=fake-model";
        }
        return RunningServer.StartAsync(null, settings, services => services
            .AddSingleton<TimeProvider>(_time).AddSingleton<ILoggerProvider>(_log));
    }

    private async Task<string> AskAsync(RunningServer server, string thread, bool store)
    {
        var seen = _accounts.Select(account => account.Requests.Count).ToList();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/responses", UriKind.Relative));
        request.Headers.Add("session-id", "s-" + thread);
        request.Headers.Add("thread-id", thread);
        request.Content = JsonContent.Create(new { model = "m", store, input = "one" });
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return _accounts.Where((account, index) => account.Requests.Count > seen[index]).Single().Name;
    }

    private bool IsInFile(string thread)
    {
        var key = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(key, AffinityKey.Of(TenantId.Local, AffinityKind.Thread, $"s-{thread}/{thread}").Digest);
        var files = _folder.GetFiles().Select(file => File.ReadAllBytes(file.FullName)).ToList();
        Assert.All(files, bytes => Assert.DoesNotContain(thread, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal));
        return files.Any(bytes => bytes.AsSpan().IndexOf(key) >= 0);
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private sealed class RecordingLogger : ILoggerProvider, ILogger
    {
        private readonly List<string> _warnings = [];

        public IReadOnlyList<string> Warnings => _warnings;
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (_warnings) if (eventId.Id is >= 8300 and < 8500) _warnings.Add(formatter(state, exception));
        }

        public void Dispose()
        {
            // nothing is open
        }
    }
}
