namespace Samovar.Interop.Tests.Pages;

/// <summary>Runs the page's clients in a real headless browser, where the machine has one.</summary>
internal static class Browser
{
    private const string Variable = "CHROMIUM";
    private const int RunsMax = 2; // a browser takes a core
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(2); // its waits end long before
    private static readonly SemaphoreSlim Places = new(RunsMax);
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>The one that <c>CHROMIUM</c> names, or the system's; null where there is none.</summary>
    public static string? Program { get; } = Environment.GetEnvironmentVariable(Variable) ?? Programs.FirstOrDefault(File.Exists);

    /// <summary>The project whose bundle the page is.</summary>
    public static string Web { get; } = Path.Combine(InteropPaths.Root, "src", "Samovar.Web");

    /// <summary>
    /// Runs a client to its end, which must say <c>ok</c> and what it looked at; the test is skipped where there is no browser, or no npm
    /// to install what drives it.
    /// </summary>
    public static async Task PassAsync(
        ITestOutputHelper output, string what, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var result = await RunAsync(environment, arguments);
        output.WriteLine(result.Output);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"ok {what}", result.Output, StringComparison.Ordinal);
    }

    private static async Task<CommandResult> RunAsync(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        Assert.SkipWhen(Program is null, $"There is no Chromium: install it, or name it in {Variable}.");
        var clients = await ClientInstall.PageAsync();
        Assert.SkipWhen(clients is null, "npm is missing.");
        Dictionary<string, string> all = new(environment)
        {
            [Variable] = Program!, ["WEB_FOLDER"] = Web, ["WEB_BUNDLE"] = Path.Combine(Web, "obj", "web", "dist"),
        };
        await Places.WaitAsync(TestContext.Current.CancellationToken);
        try { return await Commands.TryRunAsync("node", arguments, RunMax, all, clients); }
        finally { Places.Release(); }
    }
}
