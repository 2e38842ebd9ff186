using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A history that is in a compaction cannot be read here.</summary>
public sealed class SealedHistoryTests
{
    [Theory]
    [InlineData("compaction")]
    [InlineData("compaction_summary")]
    [InlineData("context_compaction")]
    public async Task Compaction_IsRefused_WhereItStands_AndNeverAnsweredAsIfNothingHadBeen(string kind)
    {
        var talk = new Talk(Families.ChatMl);
        object[] input = [Talk.User("keep this"), new { type = kind, encrypted_content = "gAAAA" }, Talk.User("go on")];
        var refused = await Assert.ThrowsAsync<ApiException>(() => talk.AskAsync(null, new { input }));
        Assert.Equal((400, "invalid_encrypted_content", "input[1].encrypted_content"),
            (refused.Kind.Status, refused.Kind.Code, refused.Param));
        var first = await talk.AskAsync(null, new { input = "x" });
        var resent = await Assert.ThrowsAsync<ApiException>(() => talk.AskAsync(first.Node, new { input }, inputStart: 2));
        Assert.Equal("input[3].encrypted_content", resent.Param);
        var count = talk.Turn(null, Talk.Request(new { input }));
        await Assert.ThrowsAsync<ApiException>(async () => await talk.Backend.CountInputAsync(count, CancellationToken.None));
    }

    /// <summary>A chain of another backend's: what a client brought stands for its history, what the chain made stands behind it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ChainFromElsewhere_IsRefused_OnlyWhereItsHistoryIsInACompaction(bool isBrought)
    {
        var talk = new Talk(Families.ChatMl);
        var made = Assert.IsType<CompactionItem>(Assert.Single(
            Talk.Request(new { input = new[] { new { type = "compaction", encrypted_content = "gAAAA" } } }).Input));
        var turn = talk.Turn(null, Talk.Request(new { input = "one" }));
        if (isBrought) turn = turn with { Context = turn.Context with { Input = [made, .. turn.Context.Input] } };
        var elsewhere = Talk.Node(turn, isBrought ? [] : [made], state: null);
        if (isBrought)
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => talk.AskAsync(elsewhere, new { input = "two" }));
            Assert.Equal(("invalid_encrypted_content", "previous_response_id"), (refused.Kind.Code, refused.Param));
        }
        else
        {
            var answered = await talk.AskAsync(elsewhere, new { input = "two" });
            Assert.Contains("one", talk.Tokenizer.Text(answered.State.Path.ToArray()), StringComparison.Ordinal);
        }
    }
}
