using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Samovar.Testing;
using Samovar.Testing.Models;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Tests.Hosting;

/// <summary>A server whose store lies on a disk that neither answers nor fails, as a network's file system without its server.</summary>
public sealed class HungDiskServerTests : IAsyncLifetime
{
    private const int ReadersMax = 4;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-hung-");
    private HangingFiles? _disk;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "its disk hangs on Linux only");
        _disk = await HangingFiles.TryMakeAsync();
        Assert.SkipWhen(_disk is null, "there is no compiler");
    }

    public ValueTask DisposeAsync()
    {
        _disk?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task DiskThatHangs_RefusesWhatNeedsIt_InAKnownTime_AndNothingElse()
    {
        var stored = new List<string>();
        await using (var before = await StartAsync())
        {
            for (var i = 0; i < 8; i++) stored.Add((await before.CreateAsync(Ask($"question {i}"))).Id);
            await before.Process.TerminateAsync();
        }
        await using var server = await StartAsync(); // and has none of them in memory
        var near = await server.CreateAsync(Ask("near"));
        await server.CreateAsync(Unstored("warm"));
        var threads = Threads(server);

        _disk!.Hang();
        var reads = Enumerable.Range(0, 100).Select(i => i % 2 == 0
            ? server.GetAsync($"/v1/responses/{stored[i % stored.Count]}")
            : server.TryAsync(Unstored("go on", stored[i % stored.Count]))).ToList();
        var writes = Enumerable.Range(0, 20).Select(i => server.TryAsync(Ask($"write {i}"))).ToList();
        for (var i = 0; i < 10; i++) await server.CreateAsync(Unstored($"alone {i}"));
        await server.CreateAsync(Unstored("go on", near.Id)); // is in memory
        foreach (var answer in await Soon.In(Task.WhenAll(reads)))
            Assert.Equal((503, "store_unavailable"), ((int)answer.Status, answer.Code));
        foreach (var answer in await Soon.In(Task.WhenAll(writes)))
            Assert.Contains(answer.Code, new[] { "store_unavailable", "response_not_stored" });
        using (var refused = await server.Http.PostAsJsonAsync("/v1/responses", Ask("now"), Soon.Token))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        for (var i = 0; i < 10; i++) await server.CreateAsync(Unstored($"alone again {i}"));
        Assert.InRange(Threads(server) - threads, -100, ReadersMax + 30); // its own few, and what the machine's load makes the pool add

        _disk.Wake();
        var next = await UntilAsync(() => server.TryAsync(Ask("go on", stored[0])), static answer => answer.IsWon);
        await UntilAsync(() => server.GetAsync($"/v1/responses/{stored[1]}"), static answer => answer.IsWon);
        await server.CreateAsync(Ask("and on", next.Id));

        _disk.Hang();
        var late = server.TryAsync(Ask("too late"));
        Assert.Equal(0, await server.Process.TerminateAsync()); // however long the disk takes
        await Task.WhenAny(late);
    }

    private static Dictionary<string, object?> Unstored(string text, string? previous = null)
    {
        var body = Ask(text, previous);
        body["store"] = false;
        return body;
    }

    private static int Threads(SharingServer server) =>
        int.Parse(server.Process.Proc("status", "Threads:")["Threads:".Length..], CultureInfo.InvariantCulture);

    private async Task<SharingServer> StartAsync() => new(await ServerProcess.StartAsync(
        ":", new Dictionary<string, string>(_disk!.Environment, StringComparer.Ordinal)
        {
            ["SAMOVAR_Server__DataPath"] = Path.Combine(_folder.FullName, "data"),
            ["SAMOVAR_Server__DrainTimeMax"] = "00:00:02",
            ["SAMOVAR_Store__CommandTimeMax"] = "00:00:01",
            ["SAMOVAR_Store__CallTimeMax"] = "00:00:02",
            ["SAMOVAR_Store__ReadersMax"] = ReadersMax.ToString(CultureInfo.InvariantCulture),
            ["SAMOVAR_Logging__LogLevel__Default"] = "Critical",
            ["SAMOVAR_Engine__ModelPath"] =
                RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32),
            ["SAMOVAR_Engine__ContextTokens"] = "8192",
            ["SAMOVAR_Engine__Streams"] = "4",
            ["SAMOVAR_Engine__Threads"] = "1",
            ["SAMOVAR_Engine__KvType"] = "f32",
            ["SAMOVAR_Engine__Device"] = "cpu",
        }));
}
