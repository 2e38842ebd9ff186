using Samovar.Protocol.Requests;

namespace Samovar.Tests.Documents;

/// <summary>docs/agents.md has the headers of the one table, in its order.</summary>
public sealed class AgentsPageTests
{
    [Fact]
    public async Task Page_HasTheHeaders_AsTheyAreRead()
    {
        var rows = await MarkdownTable.RowsAsync("agents.md", "Headers that are read");
        Assert.Equal(
            IdentityHeaders.All.Select(header => $"`{header.Name}` {Word(header.Role)} {header.Sender}"),
            rows.Select(row => string.Join(' ', row)));
    }

    private static string Word(IdentityRole role) => role switch
    {
        IdentityRole.Session => "session",
        IdentityRole.Thread => "thread",
        IdentityRole.ParentThread => "parent thread",
        IdentityRole.ParentSession => "parent session",
        IdentityRole.SubAgent => "sub-agent",
        _ => "final",
    };
}
