using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>What a client wants left out of its context goes to upstreams of the Messages API, and is named elsewhere.</summary>
public sealed class ContextEditsTests
{
    private const string Edits = """{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]}""";

    [Theory]
    [InlineData("messages", true)]
    [InlineData("chat", false)]
    public async Task Edits_GoToTheirOwnApi_AsTheyCame(string kind, bool isTheirs)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("one"), $",\"context_edits\":{Edits}");
        var request = upstream.Requests.Single();
        Assert.Equal(isTheirs, request.Text.Contains($"\"context_management\":{Edits}", StringComparison.Ordinal));
        Assert.Equal(isTheirs ? "context-management-2025-06-27" : null, request.Headers.GetValueOrDefault("anthropic-beta"));
        Assert.Equal(!isTheirs, result.Report.Dropped.Contains("context_edits"));
    }
}
