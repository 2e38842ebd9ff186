using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Cli.Commands;
using Samovar.Protocol.Ids;
using Samovar.Server.Hosting;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Hosting;

public class SettingsTests
{
    [Fact]
    public async Task DefaultSettings_HaveNoErrors() => Assert.Empty(await ErrorsAsync([]));

    [Fact]
    public async Task WrongSettings_AreAllNamed_AtOnce()
    {
        var errors = await ErrorsAsync(new()
        {
            ["Server:Port"] = "99999",
            ["WebSockets:Pings"] = "1",
            ["Turns:RunningMax"] = "many",
            ["Auth:KeyFile"] = "/nowhere/keys.json",
            ["Http:ExtraResponsesPaths:0"] = "api/answers",
        });
        Assert.Contains("Server:Port must be a whole number between 0 and 65535, not '99999'.", errors);
        Assert.Contains("There is no setting WebSockets:Pings.", errors);
        Assert.Contains(errors, error => error.StartsWith("Turns:RunningMax must be a whole number ", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("/nowhere/keys.json", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("'api/answers' must start with '/'", StringComparison.Ordinal));
        Assert.Equal(5, errors.Count);
    }

    [Theory]
    [InlineData("0.0.0.0", false)]
    [InlineData("192.0.2.7", false)]
    [InlineData("::", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.8.8", true)]
    [InlineData("::1", true)]
    [InlineData("localhost", true)]
    public async Task WithoutKeys_OnlyLoopbackIsListenedOn(string host, bool isFine) =>
        Assert.Equal(isFine, (await ErrorsAsync(new() { ["Server:Host"] = host })).Count == 0);

    [Fact]
    public async Task InsecureListen_AllowsTheNetwork_WhenAskedFor() =>
        Assert.Empty(await ErrorsAsync(new() { ["Server:Host"] = "0.0.0.0", ["Server:InsecureListen"] = "true" }));

    [Fact]
    public async Task HostName_IsNoAddress() =>
        Assert.Contains("must be an IP address", Assert.Single(await ErrorsAsync(new() { ["Server:Host"] = "example" })),
            StringComparison.Ordinal);

    [Fact]
    public void CommandLine_NamesKeys_ThatExist()
    {
        var command = SamovarCommand.Create(TimeProvider.System, Shell.OfThisProcess);
        var parsed = command.Parse(["serve", "--port", "1", "--host", "::1", "--ctx", "4096", "--insecure-listen", "--parked-bytes", "5"]);
        Assert.Empty(parsed.Errors);
        var settings = ServeSettings.Read(parsed);
        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["Server:Port"] = "1", ["Server:Host"] = "::1", ["Engine:ContextTokens"] = "4096",
                ["Server:InsecureListen"] = "True", ["Engine:ParkedBytesMax"] = "5",
            },
            settings);
    }

    [Fact]
    public void Models_AreOne_OrHaveNames()
    {
        Assert.Equal(new() { ["Engine:ModelPath"] = "x.gguf" }, Read("--model", "x.gguf"));
        Assert.Equal(
            new() { ["Models:Served:big:Path"] = "a=b/x.gguf", ["Models:Served:y:Path"] = "d/y.gguf", ["Models:Served:o/n:Path"] = "o/n" },
            Read("--model", "big=a=b/x.gguf", "--model", "d/y.gguf", "--model", "o/n"));
        Assert.Equal(new() { ["Models:Served:only:Path"] = "x.gguf" }, Read("--model", "only=x.gguf"));

        static Dictionary<string, string?> Read(params string[] line)
        {
            var parsed = SamovarCommand.Create(TimeProvider.System, Shell.OfThisProcess).Parse(["serve", .. line]);
            Assert.Empty(parsed.Errors);
            return ServeSettings.Read(parsed);
        }
    }

    [Theory]
    [InlineData("--model names 'x' for the second time; say NAME=PATH.", "serve", "--model", "a/x.gguf", "--model", "X=b")]
    [InlineData("--model: 'a:b' cannot be a model's name; say NAME=PATH, without a colon in NAME.", "serve", "--model", "a:b=x.gguf")]
    [InlineData("--model: '' cannot be a model's name; say NAME=PATH, without a colon in NAME.", "serve", "--model", "=x.gguf")]
    [InlineData("--port must be a whole number, not 'abc'.", "serve", "--port", "abc")]
    [InlineData("--turns must be a whole number from 1 on, not '0'.", "agent", "task", "--turns", "0")]
    [InlineData("--max-output-tokens must be a whole number from 1 on, not '-1'.", "chat", "--max-output-tokens", "-1")]
    public void WrongNumber_IsExplained(string error, params string[] line) =>
        Assert.Equal(error, Assert.Single(SamovarCommand.Create(TimeProvider.System, Shell.OfThisProcess).Parse(line).Errors).Message);

    [Fact]
    public async Task EveryOptionOfTheCommandLine_IsAKnownSetting()
    {
        var settings = ServeSettings.All.Where(setting => !setting.Key.StartsWith("Logging:", StringComparison.Ordinal))
            .ToDictionary(setting => setting.Key, _ => (string?)"zzz");
        await using var app = SamovarHost.Build(settings); // without a test's backend: the engine's settings are read
        Assert.DoesNotContain(SamovarHost.Check(app), error => error.StartsWith("There is no setting", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ModelAtHand_IsServed_OnlyWhereTheSettingsNameNothing()
    {
        await using var bare = SamovarHost.Build([], modelAtHand: "found.gguf");
        Assert.Equal("found.gguf", bare.Configuration[SamovarHost.ModelPath]);
        await using var named = SamovarHost.Build([new(SamovarHost.ModelPath, "named.gguf")], modelAtHand: "found.gguf");
        Assert.Equal("named.gguf", named.Configuration[SamovarHost.ModelPath]);
        await using var pools = SamovarHost.Build([new("Upstream:Pools:0:Name", "p")], modelAtHand: "found.gguf");
        Assert.Null(pools.Configuration[SamovarHost.ModelPath]);
        await using var several = SamovarHost.Build([new("Models:Served:a:Path", "a.gguf")], modelAtHand: "found.gguf");
        Assert.Null(several.Configuration[SamovarHost.ModelPath]);
    }

    [Fact]
    public async Task AddressInUse_IsReported_BeforeAnythingIsLoaded()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await using var app = SamovarHost.Build([new("Server:Port", port), new(SamovarHost.ModelPath, "/nowhere/model.gguf")]);
        var fault = Assert.Throws<SocketException>(() =>
            app.Services.GetRequiredService<ListenSocket>().Take(app.Services.GetRequiredService<ServerOptions>()));
        Assert.Equal(SocketError.AddressAlreadyInUse, fault.SocketErrorCode);
    }

    [Fact]
    public async Task AddressThatWasTaken_IsTheOneListenedOn()
    {
        await using var app = SamovarHost.Build([new("Server:Port", "0"), new("Store:Kind", "memory")], configPath: null,
            services => services.AddSingleton<IBackend>(new ScriptedBackend(new IdSource())));
        app.Services.GetRequiredService<ListenSocket>().Take(app.Services.GetRequiredService<ServerOptions>());
        var url = await SamovarHost.StartAsync(app);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(url + "/health"))).StatusCode);
        await app.StopAsync();
    }

    [Fact]
    public async Task ModelThatIsMissing_IsReported()
    {
        await using var app = SamovarHost.Build([new("Engine:ModelPath", "/nowhere/model.gguf")]);
        Assert.Contains("Engine:ModelPath: /nowhere/model.gguf does not exist.", SamovarHost.Check(app));
    }

    /// <summary>.NET's own categories are quiet unless they are asked for.</summary>
    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Information, false)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Debug, true, "Microsoft")]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Debug, true, "Microsoft.AspNetCore")]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Debug, true, "Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Error, false, "Microsoft")] // its scopes cost memory
    public async Task LevelOfACategory_IsAsItWasSet(string category, LogLevel level, bool isOn, string? set = null)
    {
        Dictionary<string, string?> settings = [];
        if (set is not null) settings["Logging:LogLevel:" + set] = "Debug";
        await using var app = SamovarHost.Build(settings);
        Assert.Equal(isOn, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(level));
    }

    private static async Task<IReadOnlyList<string>> ErrorsAsync(Dictionary<string, string?> settings)
    {
        await using WebApplication app = SamovarHost.Build(
            settings, configPath: null, services => services.AddSingleton<IBackend>(new ScriptedBackend(new IdSource())));
        return SamovarHost.Check(app);
    }
}
