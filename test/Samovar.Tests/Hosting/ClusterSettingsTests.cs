using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends;
using Samovar.Cli.Commands;
using Samovar.Protocol.Ids;
using Samovar.Server.Hosting;
using Samovar.Testing.Scripts;
using Samovar.Tests.Peers;

namespace Samovar.Tests.Hosting;

/// <summary>What a server says that is to be one of several nodes and cannot.</summary>
public sealed class ClusterSettingsTests
{
    [Fact]
    public async Task NodeWithAllThatItNeeds_HasNoErrors() => Assert.Empty(await ErrorsAsync());

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task StoreThatNobodyShares_IsRefused_InOneSentence(string kind)
    {
        var error = Assert.Single(await ErrorsAsync(("Store:Kind", kind)));
        Assert.StartsWith($"Cluster: nodes share a PostgreSQL, and Store:Kind is '{kind}'", error, StringComparison.Ordinal);
        Assert.Contains("--cluster 'Host=", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "8787", "--cluster-address http://HOST:PORT (http://127.0.0.1:8787 where all nodes")]
    [InlineData("0.0.0.0", "8787", "names all addresses of this machine")]
    [InlineData("::", "8787", "names all addresses of this machine")]
    [InlineData("192.0.2.7", "0", "a free port is not known before")]
    public async Task AddressThatPeersDoNotReach_IsAskedFor(string host, string port, string why)
    {
        var errors = await ErrorsAsync(("Server:Host", host), ("Server:Port", port), ("Server:InsecureListen", "true"),
            ("Cluster:Address", null));
        Assert.Contains(why, Assert.Single(errors), StringComparison.Ordinal);
        Assert.StartsWith("Cluster:Address", errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServersOwnAddress_IsTheNodes_WherePeersReachIt()
    {
        Assert.Empty(await ErrorsAsync(("Server:Host", "192.0.2.7"), ("Server:InsecureListen", "true"), ("Cluster:Address", null)));
        var place = ClusterPlace.Of(new(), new ServerOptions { Host = "192.0.2.7", Port = 8080 });
        Assert.Equal((new Uri("http://192.0.2.7:8080"), Environment.MachineName + ":8080"), (place.Address, place.Name.Value));
    }

    [Theory]
    [InlineData("Cluster:Address", "node-b:8787")]
    [InlineData("Cluster:Address", "http://user@node-b:8787")]
    [InlineData("Cluster:Address", "http://node-b:8787/path")]
    [InlineData("Cluster:Address", "http://0.0.0.0:8787")]
    [InlineData("Cluster:Name", "a b")]
    [InlineData("Cluster:Key", "short")]
    [InlineData("Cluster:KeyFile", "/nowhere/key")]
    [InlineData("Cluster:RelaySilenceMax", "0")]
    public async Task WrongSetting_IsNamed(string key, string value)
    {
        var errors = await ErrorsAsync(("Cluster:Key", key == "Cluster:KeyFile" ? null : PeerLab.Key), (key, value));
        Assert.StartsWith(key, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_IsInNoError()
    {
        var errors = await ErrorsAsync(("Store:Kind", "memory"), ("Cluster:KeyFile", "/nowhere"), ("Cluster:Address", "wrong"));
        Assert.Equal(3, errors.Count);
        Assert.DoesNotContain(errors, error => error.Contains(PeerLab.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task OneSettingOfIt_SwitchesTheClusterOn_AndFalseOff()
    {
        Assert.NotEmpty(await ErrorsAsync(("Cluster:Key", null)));
        Assert.Empty(await ErrorsAsync(("Cluster:Key", null), ("Cluster:Enabled", "false"), ("Store:Kind", "memory")));
    }

    [Fact]
    public void CommandLine_NamesTheDatabase_AndSwitchesItOn()
    {
        var parsed = SamovarCommand.Create(TimeProvider.System, Shell.OfThisProcess).Parse(
        [
            "serve", "--cluster", "Host=db;Database=s", "--cluster-address", "http://a:1", "--cluster-key-file", "k", "--node-name", "n",
        ]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["Cluster:Enabled"] = "true", ["Store:Kind"] = "postgres", ["Store:ConnectionString"] = "Host=db;Database=s",
                ["Cluster:Address"] = "http://a:1", ["Cluster:KeyFile"] = "k", ["Cluster:Name"] = "n",
            },
            ServeSettings.Read(parsed));
    }

    private static async Task<IReadOnlyList<string>> ErrorsAsync(params (string Key, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>(ClusterHouse.Settings, StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in more) settings[key] = value;
        await using var app = SamovarHost.Build(settings, configPath: null, services =>
            services.AddSingleton<IBackend>(new ScriptedBackend(new IdSource())));
        return SamovarHost.Check(app);
    }
}
