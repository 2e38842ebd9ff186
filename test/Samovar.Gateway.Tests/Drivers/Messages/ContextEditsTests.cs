using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>
/// What a client wants left out of its context goes to upstreams of the Messages API, is left out here of what others get that have no
/// state, and is named where neither is done.
/// </summary>
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
        Assert.DoesNotContain("context_edits", result.Report.Dropped);
    }

    [Theory]
    [InlineData("messages", "input_image", "files-api-2025-04-14")]
    [InlineData("messages", "input_file", "files-api-2025-04-14")]
    [InlineData("responses-http", "input_image", null)]
    public async Task FileByItsId_IsNamedToItsOwnApi_AlsoWhereItIsInTheHistory(string kind, string part, string? beta)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var input = $$"""[{"role":"user","content":[{"type":"{{part}}","file_id":"file_1"}]}]""";
        var first = await gateway.TurnAsync(null, input);
        await gateway.TurnAsync(first.Node, TestGateway.User("more"), $",\"context_edits\":{Edits}");
        Assert.Equal(beta, upstream.Requests.First().Headers.GetValueOrDefault("anthropic-beta"));
        Assert.Equal(beta is null ? null : "context-management-2025-06-27," + beta,
            upstream.Requests.Last().Headers.GetValueOrDefault("anthropic-beta"));
    }

    [Theory]
    [InlineData("chat", "context_edits.compact_20260112")]
    [InlineData("responses-http", "context_edits")]
    public async Task EditsThatAreNotDone_AreNamed(string kind, string dropped)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var result = await gateway.TurnAsync(
            null, TestGateway.User("one"), ",\"context_edits\":{\"edits\":[{\"type\":\"compact_20260112\"}]}");
        Assert.Contains(dropped, result.Report.Dropped);
        Assert.DoesNotContain("context_management", upstream.Requests.Single().Text, StringComparison.Ordinal); // another thing there
    }
}
