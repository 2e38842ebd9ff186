using Samovar.Protocol.Ids;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Nodes;

/// <summary>What a node's process has locked and what it runs is anybody's as soon as no row of it lives.</summary>
public sealed class DeadProcessTests(PostgresFixture postgres) : TwoNodes(postgres)
{
    private static readonly ConversationId Id = new("conv_1");
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task LockOfADeadNode_IsTakenAtOnce_AndTheDeadOneAppendsNothing()
    {
        var late = await LockAsync();
        await BusyAsync();
        await One.DieAsync(Other);
        Assert.NotNull(await Other.House.Conversations.LockAsync(Tea, Id, Long, Soon.Token));
        var move = new ConversationMove(Id, late.Version, late.Head);
        await Assert.ThrowsAsync<ChainLostException>(
            () => One.House.Rows.AppendAsync(New() with { Claim = ChainClaim.New with { Conversation = move } }, Soon.Token).AsTask());
    }

    /// <summary>It stood still, was declared dead, and goes on as another life.</summary>
    [Fact]
    public async Task ProcessThatLivesAnotherLife_KeepsItsLock_AndItsTurns()
    {
        await LockAsync();
        await NoteAsync();
        await One.DieAsync(Other);
        One.Life.Current = Incarnation.New(new IdSource());
        await One.BeginAsync();
        await BusyAsync();
        Assert.Empty(await LeftAsync());
    }

    /// <summary>It has never said which process is its own: time alone says that this is over.</summary>
    [Fact]
    public async Task DeadNodeOfAnOlderVersion_LosesNothingByItsRow()
    {
        await One.House.ExecuteAsync("UPDATE node SET process = ''");
        await LockAsync();
        await NoteAsync();
        await One.DieAsync(Other);
        await BusyAsync();
        Assert.Empty(await LeftAsync());
    }

    [Fact]
    public async Task TurnsOfADeadNode_AreLeft_ThoughItWasSeenJustNow_AndNobodyMayJudge()
    {
        await NoteAsync();
        Assert.Empty(await LeftAsync());
        await One.DieAsync(Other);
        Assert.Equal("resp_1", Assert.Single(await LeftAsync()).Id.Value);
    }

    private async Task<ConversationRow> LockAsync()
    {
        var row = new ConversationRow { Tenant = Tea, Id = Id, CreatedAt = DateTimeOffset.UnixEpoch };
        await One.House.Conversations.CreateAsync(row, countMax: 10, Soon.Token);
        return (await One.House.Conversations.LockAsync(Tea, Id, Long, Soon.Token))!;
    }

    private async Task BusyAsync() => await Assert.ThrowsAsync<ConversationBusyException>(
        async () => await Other.House.Conversations.LockAsync(Tea, Id, Long, Soon.Token));

    private async Task NoteAsync()
    {
        await One.House.Running.RenewAsync(LeaseOf(One), Soon.Token);
        var row = new RunningRow
        {
            Tenant = Tea, Id = new ResponseId("resp_1"), Process = One.House.Process.Value, StartedAt = DateTimeOffset.UnixEpoch,
            Snapshot = "{}"u8.ToArray(),
        };
        await One.House.Running.NoteAsync(row, new RunningRowInput(Parent: null, new byte[] { 1 }), Soon.Token);
    }

    private async Task<IReadOnlyList<RunningRow>> LeftAsync() => await Other.House.Running.RenewAsync(LeaseOf(Other), Soon.Token);

    private static ProcessLease LeaseOf(Node node) => new(node.House.Process.Value, Long, KeptFor: null, MayJudge: false);
}
