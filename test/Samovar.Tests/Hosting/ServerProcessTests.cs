using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Hosting;

/// <summary>What only a whole process can show.</summary>
public sealed class ServerProcessTests : IAsyncLifetime
{
    private const int FileBytesMax = 64 << 10;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-process-");
    private FakeUpstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks into /proc");
        _upstream = await FakeUpstream.StartAsync("a");
    }

    public async ValueTask DisposeAsync()
    {
        if (_upstream is not null) await _upstream.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("DOTNET_DbgEnableMiniDump", false)]
    [InlineData(null, true)]
    public async Task Crash_LeavesNoFile_UnlessThatIsWanted(string? dumps, bool isWanted)
    {
        var environment = Settings();
        if (dumps is not null) environment[dumps] = "1";
        if (isWanted) environment["SAMOVAR_Server__CrashFiles"] = "true";
        await using var server = await ServerProcess.StartAsync("ulimit -c unlimited", environment);
        Assert.Matches(isWanted ? "unlimited +unlimited" : " 0 +0 ", server.Proc("limits", "Max core file size"));
        var inherited = await File.ReadAllTextAsync($"/proc/{server.Id}/environ", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("DbgEnableMiniDump", inherited, StringComparison.Ordinal);
        Assert.Equal(0, await server.TerminateAsync());
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task FirstScreen_SaysWhereToWatch_WhereThereIsAPage(string enabled, bool hasPage)
    {
        var environment = Settings();
        environment["SAMOVAR_Page__Enabled"] = enabled;
        await using var server = await ServerProcess.StartAsync("", environment);
        Assert.Equal(hasPage, (await server.ScreenAsync()).Contains($"\nwatch it at {server.Address}\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FirstScreen_SaysThatNothingCanBeKept_WhereTheDataFolderCannotBeWritten()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", Soon.Token);
        var environment = Settings();
        environment["SAMOVAR_Server__DataPath"] = Path.Combine(file, "data");
        await using var server = await ServerProcess.StartAsync("", environment);
        var screen = await server.ScreenAsync();
        Assert.Contains($"\nstored responses CANNOT be kept in {file}/data/store.db: ", screen, StringComparison.Ordinal);
        Assert.Contains("; turns with store: true are refused until they can (another folder: --data DIR; none: --store memory)\n", screen,
            StringComparison.Ordinal);
        Assert.DoesNotContain("keeping stored responses", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FilesThatCannotGrow_CostNoTurn_NorTheStop()
    {
        var environment = Settings();
        environment["SAMOVAR_Monitoring__RequestLogPath"] = "requests.jsonl";
        environment["DOTNET_EnableWriteXorExecute"] = "0"; // the runtime's own large file
        await using var server = await ServerProcess.StartAsync($"ulimit -f {FileBytesMax / 512}", environment);
        using var http = new HttpClient { BaseAddress = server.Address };
        for (var turn = 0; turn < 400; turn++)
        {
            var body = new { model = "m", input = $"turn {turn}", store = false }; // what is to be stored needs the disk
            using var answer = await http.PostAsJsonAsync("/v1/responses", body, Soon.Token);
            answer.EnsureSuccessStatusCode();
        }
        await Soon.In(UntilFailingAsync(http, "request_log"));
        Assert.Equal(0, await server.TerminateAsync());
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "requests.jsonl"), Soon.Token);
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose()); // no line is torn
    }

    [Fact]
    public async Task KilledServer_HasFailedWhatItRan_WhenItIsStartedAgain()
    {
        await using var silent = await FakeUpstream.StartAsync("silent", FakeFault.HangAfterSend);
        var environment = Settings();
        environment["SAMOVAR_Upstream__Pools__0__Destinations__0__BaseUrl"] = silent.BaseUrl;
        string id;
        await using (var server = await ServerProcess.StartAsync("", environment))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            using var made = await http.PostAsJsonAsync("/v1/responses", new { model = "m", input = "hi", background = true }, Soon.Token);
            id = (await made.Content.ReadFromJsonAsync<JsonElement>(Soon.Token)).GetProperty("id").GetString()!;
            await Soon.In(UntilAsync(() => !silent.Requests.IsEmpty));
            await server.SignalAsync("KILL");
            await server.EndAsync();
        }
        await using var again = await ServerProcess.StartAsync("", environment);
        using var client = new HttpClient { BaseAddress = again.Address };
        var response = await client.GetFromJsonAsync<JsonElement>($"/v1/responses/{id}", Soon.Token);
        Assert.Equal("failed", response.GetProperty("status").GetString());
        Assert.Equal("server_restart", response.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("INT", 130, false)]
    [InlineData("TERM", 143, false)]
    [InlineData("INT", 130, true)]
    public async Task SecondSignal_EndsAtOnce_WhatStillRuns_ThoughNobodyReadsWhatItSays(string second, int status, bool isErrorFull)
    {
        await using var silent = await FakeUpstream.StartAsync("silent", FakeFault.HangAfterSend);
        var environment = Settings();
        environment["SAMOVAR_Upstream__Pools__0__Destinations__0__BaseUrl"] = silent.BaseUrl;
        environment["SAMOVAR_Server__DrainTimeMax"] = "01:00:00";
        var pipe = Path.Combine(_folder.FullName, "error");
        var shell = isErrorFull ? $"mkfifo {pipe}; exec 2<>{pipe}; head -c 65536 /dev/zero >&2" : "";
        await using var server = await ServerProcess.StartAsync(shell, environment, "env --default-signal=INT");
        using var http = new HttpClient { BaseAddress = server.Address };
        var turn = http.PostAsJsonAsync("/v1/responses", new { model = "m", input = "hi" }, Soon.Token);
        await Soon.In(UntilAsync(() => !silent.Requests.IsEmpty));
        await server.SignalAsync("INT");
        await Soon.In(UntilDrainingAsync(http));
        var end = server.EndAsync();
        for (; !end.IsCompleted; await Task.WhenAny(end, Task.Delay(20, Soon.Token))) // too soon after the first it is none
            await server.SignalAsync(second);
        Assert.Equal(status, await end);
        await Assert.ThrowsAnyAsync<Exception>(() => turn);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo()) await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private static async Task UntilDrainingAsync(HttpClient http)
    {
        while (true)
        {
            using var answer = await http.GetAsync("/health", Soon.Token);
            var health = await answer.Content.ReadFromJsonAsync<JsonElement>(Soon.Token);
            if (health.GetProperty("status").GetString() == "draining")
            {
                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                return;
            }
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static async Task UntilFailingAsync(HttpClient http, string name)
    {
        while (true)
        {
            var health = await http.GetFromJsonAsync<JsonElement>("/health", Soon.Token);
            if (health.GetProperty("files").EnumerateArray().Any(file => file.GetProperty("name").GetString() == name
                && file.GetProperty("status").GetString() == "failing" && file.GetProperty("reason").GetString()!.Length > 0)) return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Dictionary<string, string> Settings() => new(StringComparer.Ordinal)
    {
        ["SAMOVAR_Server__DataPath"] = _folder.FullName,
        ["SAMOVAR_Logging__LogLevel__Default"] = "Warning",
        ["SAMOVAR_Upstream__Pools__0__Name"] = "p",
        ["SAMOVAR_Upstream__Pools__0__Destinations__0__Name"] = "a",
        ["SAMOVAR_Upstream__Pools__0__Destinations__0__Kind"] = "chat",
        ["SAMOVAR_Upstream__Pools__0__Destinations__0__BaseUrl"] = _upstream.BaseUrl,
        ["SAMOVAR_Upstream__Pools__0__Destinations__0__Models__0"] = "m=fake-model",
    };
}
