using Samovar.Cli.Agents;
using Samovar.Cli.Commands;
using Samovar.Cli.Edge;
using Samovar.Server.Hosting;

namespace Samovar.Tests.Edge;

/// <summary>What the command line of an edge means, and what it refuses before it listens.</summary>
public sealed class EdgeCommandTests
{
    [Theory]
    [InlineData("--to needs a value", "edge")]
    [InlineData("--to must be an address", "edge", "--to", "nowhere")]
    [InlineData("has no variable 'NO_SUCH_KEY'", "edge", "--to", "http://127.0.0.1:1", "--key-env", "NO_SUCH_KEY")]
    [InlineData("there is no key file", "edge", "--to", "http://127.0.0.1:1", "--key-file", "/no/such/key")]
    [InlineData("give one of them", "edge", "--to", "http://127.0.0.1:1", "--key-file", "a", "--key-env", "b")]
    [InlineData("--bridge must be", "edge", "--to", "http://127.0.0.1:1", "--bridge", "-1")]
    [InlineData("must not hold a user name", "edge", "--to", "http://user:word@127.0.0.1:1")]
    [InlineData("There is no settings file", "edge", "--to", "http://127.0.0.1:1", "--config", "/no/such/file.json")]
    [InlineData("--port", "edge", "--to", "http://127.0.0.1:1", "--port", "70000")]
    public async Task WrongCommandLine_IsOneSentence(string expected, params string[] arguments)
    {
        var error = new StringWriter();
        var shell = new Shell(new StringWriter(), error, new Dictionary<string, string>());
        var status = await SamovarCommand.RunAsync(arguments, TimeProvider.System, shell);
        Assert.Equal(2, status);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("word", error.ToString().Replace("must not hold", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://host:8787", null, "http://host:8787/v1", "samovar")]
    [InlineData("https://host/v1", null, "https://host/v1", "samovar")]
    [InlineData("https://api.openai.com/v1", null, "https://api.openai.com/v1", "openai")]
    [InlineData("https://api.openai.com/v1", "samovar", "https://api.openai.com/v1", "samovar")]
    public void Target_IsReadFromItsAddress(string address, string? dialect, string url, string expected)
    {
        var target = EdgeTarget.Of(address, dialect);
        Assert.Equal((url, expected), (target.BaseUrl.ToString(), target.Dialect));
    }

    [Fact]
    public void Target_ThatIsNoAddress_IsRefused() => Assert.Throws<UsageException>(() => EdgeTarget.Of("ftp://host", null));

    [Theory]
    [InlineData("samovar", "responses-link")]
    [InlineData("openai", "responses-ws")]
    public async Task Settings_AreThoseOfAServer(string dialect, string kind)
    {
        var given = EdgeSettings.Of(EdgeTarget.Of("http://127.0.0.1:1", dialect), TimeSpan.FromSeconds(90), null);
        await using var app = SamovarHost.Build(given, variables: new Dictionary<string, string>(), defaults: EdgeSettings.Defaults());
        Assert.Empty(SamovarHost.Check(app));
        Assert.Equal((kind, "00:01:30", "8788"), (app.Configuration["Upstream:Pools:0:Destinations:0:Kind"],
            app.Configuration["Upstream:BridgeMax"], app.Configuration["Server:Port"]));
    }
}
