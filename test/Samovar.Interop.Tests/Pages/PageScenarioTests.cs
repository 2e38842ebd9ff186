namespace Samovar.Interop.Tests.Pages;

/// <summary>The live page in a real browser, before a simulated server: what is shown, and what a reader can do.</summary>
public sealed class PageScenarioTests(ITestOutputHelper output)
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(3);
    private static readonly Dictionary<string, string> Nothing = [];

    [Theory]
    [InlineData("figures")]
    [InlineData("deltas")]
    [InlineData("keyboard")]
    [InlineData("themes")]
    [InlineData("narrow")]
    [InlineData("login")]
    [InlineData("reconnect")]
    [InlineData("pause")]
    [InlineData("states")]
    public Task Page_ShowsWhatTheServerSays_AndDoesWhatItsReaderWants(string scenario) =>
        Browser.PassAsync(output, scenario, Nothing, "scenarios.mjs", scenario);

    [Fact]
    public async Task PureParts_PassTheirTests_UnderNode()
    {
        var result = await Commands.TryRunAsync("node", [Path.Combine(Browser.Web, "test", "run.mjs")], RunMax);
        Assert.SkipWhen(result.ExitCode == 127, "Node.js is missing.");
        output.WriteLine(result.Output);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches("# pass [0-9]{2}", result.Output);
    }
}
