using System.Globalization;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Nodes;

/// <summary>Responses that were reported as failed, and may be stored: whose they are when they are taken back.</summary>
public sealed class TakingBackTests(PostgresFixture postgres) : TwoNodes(postgres)
{
    [Fact]
    public async Task OwnResponse_IsRemoved()
    {
        var head = await One.AppendAsync(New());
        var failed = await One.AppendAsync(New(head));
        Assert.Equal(TakenBack.Removed, await TakeBackAsync(failed));
        Assert.Empty(await Other.Rows.ListAsync(failed.Id));
        Assert.Equal(TakenBack.Absent, await TakeBackAsync(failed));
        Assert.Equal((1, 1), await CountsAsync());
        await One.AppendAsync(New(head));
    }

    [Fact]
    public async Task ResponseThatBeganItsTree_IsRemoved_WithTheTree()
    {
        var failed = await One.AppendAsync(New());
        Assert.Equal(ChainClaim.New.Epoch, failed.Claim.Epoch);
        Assert.Equal(TakenBack.Removed, await TakeBackAsync(failed));
        Assert.Equal(0, await One.House.CountAsync("chain_tree"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ResponseWhoseTreeWasClaimed_Stays(bool beganItsTree)
    {
        var head = beganItsTree ? null : await One.AppendAsync(New());
        var failed = await One.AppendAsync(New(head));
        await One.DieAsync(Other);
        await Other.ClaimAsync(failed.Root);
        Assert.Equal(TakenBack.Left, await TakeBackAsync(failed));
        var next = await Other.AppendAsync(New(failed));
        Assert.Equal(beganItsTree ? 2 : 3, (await Other.Rows.ListAsync(next.Id)).Count);
    }

    [Fact]
    public async Task ResponseOfATreeThatWasReleased_Stays()
    {
        var failed = await One.AppendAsync(New());
        Assert.True(await One.Trees.ReleaseAsync(Tea, failed.Root, 1, One.Life.Current!.Value, Soon.Token));
        Assert.Equal(TakenBack.Left, await TakeBackAsync(failed));
    }

    /// <summary>The life is over, and nobody has the tree yet.</summary>
    [Fact]
    public async Task NodeThatDied_TakesBackWhatNobodyHasClaimed()
    {
        var failed = await One.AppendAsync(New());
        await One.DieAsync(Other);
        One.Life.Current = null;
        Assert.Equal(TakenBack.Removed, await TakeBackAsync(failed));
    }

    [Fact]
    public async Task Completion_ThatStays_IsStillFoundByItsLabels()
    {
        var failed = await One.AppendAsync(New() with { Kind = RowKind.ChatCompletion, Model = "tea" });
        await One.DieAsync(Other);
        await Other.ClaimAsync(failed.Root);
        Assert.Equal(TakenBack.Left, await TakeBackAsync(failed));
        var found = await Other.House.Completions.ListAsync(
            Tea, [CompletionLabel.OfModel("tea")], after: null, isDescending: false, 10, Soon.Token);
        Assert.Equal(failed.Id, Assert.Single(found).Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Conversation_GoesBack_OnlyWithItsResponse(bool isClaimed)
    {
        var made = new ConversationRow { Tenant = Tea, Id = new("conv_1"), CreatedAt = DateTimeOffset.UnixEpoch };
        await One.House.Conversations.CreateAsync(made, 10, Soon.Token);
        var first = await MoveAsync(made, New());
        var failed = await MoveAsync(made, New(first));
        if (isClaimed)
        {
            await One.DieAsync(Other);
            await Other.ClaimAsync(failed.Root);
        }
        Assert.Equal(isClaimed ? TakenBack.Left : TakenBack.Removed, await TakeBackAsync(failed));
        var found = await Other.House.Conversations.FindAsync(Tea, made.Id, Soon.Token);
        Assert.Equal(isClaimed ? failed.Id : first.Id, found!.Head);
    }

    /// <summary>It has found the tree as its own, and waits for a claim that is under way.</summary>
    [Fact]
    public async Task TakingBack_ThatWaitsForAClaim_LeavesTheResponse()
    {
        var failed = await One.AppendAsync(New());
        var claimer = await OpenAsync();
        await using var claim = await claimer.BeginTransactionAsync(Soon.Token);
        await ExecuteAsync(claimer, $"UPDATE chain_tree SET epoch = 2, owner = '{Other.Life.Current}'");
        var takingBack = TakeBackAsync(failed);
        await WaitForLocksAsync(1);
        await claim.CommitAsync(Soon.Token);
        Assert.Equal(TakenBack.Left, await takingBack);
        Assert.Single(await Other.Rows.ListAsync(failed.Id));
        Assert.Equal((1, 1), await CountsAsync());
    }

    /// <summary>Whichever comes first: who was told that it holds the tree with the response in it keeps both.</summary>
    [Fact]
    public async Task ClaimAndTakingBack_AtTheSameMoment_ComeOneAfterTheOther()
    {
        var head = await One.AppendAsync(New());
        for (var epoch = 1; epoch < 21; epoch += 2)
        {
            var failed = await One.AppendAsync(New(head));
            var claiming = Other.Trees.ClaimAsync(Tea, head.Root, epoch, Other.Life.Current!.Value, isForced: true, Soon.Token).AsTask();
            var takenBack = await TakeBackAsync(failed);
            Assert.True(await claiming);
            Assert.Equal(takenBack == TakenBack.Left ? 2 : 0, (await Other.Rows.ListAsync(failed.Id)).Count);
            Assert.True(await One.Trees.ClaimAsync(
                Tea, head.Root, epoch + 1, One.Life.Current!.Value, isForced: true, Soon.Token));
        }
    }

    private async Task<TakenBack> TakeBackAsync(ChainRow row) => await One.Rows.TakeBackAsync(Tea, row.Id, row.Claim, Soon.Token);

    private async Task<ChainRow> MoveAsync(ConversationRow made, ChainRow row)
    {
        var locked = await One.House.Conversations.LockAsync(Tea, made.Id, TimeSpan.FromMinutes(1), Soon.Token);
        var claim = await One.ClaimAsync(row.Parent is null ? null : row.Root);
        row = row with { Claim = claim with { Conversation = new(made.Id, locked!.Version, locked.Head) } };
        await One.Rows.AppendAsync(row, Soon.Token);
        await One.House.Conversations.UnlockAsync(locked, isMoved: true, Soon.Token);
        return row;
    }

    private async Task<(long Rows, long Counted)> CountsAsync() => (await One.House.CountAsync("chain_row"),
        await One.House.Store.ReadAsync(async (session, deadline) => Convert.ToInt64(
            await session.ScalarAsync(new("SELECT responses FROM chain_tree"), deadline), CultureInfo.InvariantCulture), Soon.Token));
}
