using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Samovar.Cli.Connect;
using Samovar.Cli.Connect.Setups;
using Samovar.Testing;

namespace Samovar.Tests.Connect;

/// <summary>A home folder, and a server that does no more than list a model: enough to connect agents that nobody runs.</summary>
internal sealed class ConnectedAgent : IAsyncDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("samovar-connected-");
    private readonly StringWriter _said = new();
    private readonly WebApplication _app;

    private ConnectedAgent(WebApplication app) => _app = app;

    public string Said => _said.ToString();

    public static async Task<ConnectedAgent> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/v1/models", static () => Results.Text("""{"data":[{"id":"m","context_length":32768}]}""", "application/json"));
        await app.StartAsync(Soon.Token);
        return new ConnectedAgent(app);
    }

    public Task<int> ConnectAsync(string agent, string model = "m", bool isDefault = false, TextReader? typed = null) =>
        Run(typed).ConnectAsync(new ConnectWish(Setup(agent), model, isDefault, HasCatalogueFile: false) { IsAgreed = typed is null },
            new Uri(_app.Urls.First()), "sk-a", Soon.Token);

    public int Undo(string agent, TextReader? typed = null) =>
        Run(typed).Undo(new ConnectWish(Setup(agent), null, false, false) { IsAgreed = typed is null }, CancellationToken.None);

    public string PathOf(string file) => Path.Combine(_home.FullName, file);

    public string Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
        return PathOf(file);
    }

    public string Read(string file) => File.ReadAllText(PathOf(file));

    public void Replace(string file, string old, string now)
    {
        Assert.Contains(old, Read(file), StringComparison.Ordinal);
        Write(file, Read(file).Replace(old, now, StringComparison.Ordinal));
    }

    /// <summary>The names of all files there are, with those of their folders.</summary>
    public List<string> Files => [.. _home.EnumerateFiles("*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_home.FullName, file.FullName).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private ConnectRun Run(TextReader? typed) => new(
        new AgentHome(new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = _home.FullName }),
        TimeProvider.System, typed ?? TextReader.Null, _said, _said);

    private static AgentSetup Setup(string agent) => AgentSetups.All.First(one => one.Name == agent);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _home.Delete(recursive: true);
        await _said.DisposeAsync();
    }
}

/// <summary>One who writes to a file before answering what is asked.</summary>
internal sealed class BusyReader(Action before) : TextReader
{
    public override string? ReadLine()
    {
        before();
        return "y";
    }
}
