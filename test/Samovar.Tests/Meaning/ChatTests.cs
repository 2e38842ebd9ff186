using Samovar.Cli.Agents;

namespace Samovar.Tests.Meaning;

/// <summary><c>samovar chat</c> with the shipped model, typed as a person would.</summary>
public sealed class ChatTests
{
    [Fact]
    public async Task Branches_KeepTheirOwnFacts_AndStatsSayWhatWentUp()
    {
        var shown = await ChatAsync(
            "My name is Laura.", "/fork", "My city is Rome.", "/branch 0", "My city is Oslo.", "What is my city?",
            "/branch 1", "What is my city?", "What is my name?", "/stats", "/nonsense", "/quit", "never read");
        var answers = shown.Where(line => line.StartsWith("Your ", StringComparison.Ordinal)).ToList();
        Assert.Collection(answers,
            answer => Assert.Contains("Oslo", answer, StringComparison.Ordinal),
            answer => Assert.Contains("Rome", answer, StringComparison.Ordinal),
            answer => Assert.Contains("Laura", answer, StringComparison.Ordinal));
        Assert.Contains(shown, line => line.Contains("3 turns, sent", StringComparison.Ordinal)); // the branch's own
        Assert.Contains(shown, line => line.Contains("/nonsense is not possible here.", StringComparison.Ordinal));
        Assert.DoesNotContain(shown, line => line.Contains("never read", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> ChatAsync(params string[] typed)
    {
        await using var server = await PocketServer.StartAsync();
        var settings = new ConversationSettings(new Uri(server.Address, "/v1"), null, "pocket", null, null, null);
        using var input = new StringReader(string.Join('\n', typed));
        using var output = new StringWriter();
        var exit = await ChatCommand.RunAsync(
            settings, input, new ConsoleScreen(output, colour: false), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(0, exit);
        return [.. output.ToString().Split('\n').Select(line => line.Split("> ")[^1])]; // without the prompts
    }
}
