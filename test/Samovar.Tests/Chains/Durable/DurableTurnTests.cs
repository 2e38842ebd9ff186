using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Testing.Stores;
using Samovar.Turns;

namespace Samovar.Tests.Chains.Durable;

/// <summary>Turns over a durable store: what they ask of it, and how they end when it does not do it.</summary>
public sealed class DurableTurnTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly ChainRowsLab _rows = new();
    private readonly CoreHouse _house;
    private int _houses;

    public DurableTurnTests() => _house = House();

    [Fact]
    public async Task StoredTurn_IsContinuedByAnotherProcess()
    {
        var first = (await Soon.In(_house.Begin(Ask.Stored("one")).Ended))!;
        using var other = House();
        var second = (await Soon.In(other.Begin(Ask.Stored("two").After(first.Id.Value)).Ended))!;
        SameResponse.Holds(first, second.Parent);
    }

    [Fact]
    public async Task TurnThatIsNotStored_AsksNoStore_AndLeavesNothingThere()
    {
        await Soon.In(_house.Begin(Ask.Text("canary")).Ended);
        await using var session = _house.Sessions.Open(TenantId.Local);
        var first = await CoreHouse.SendAsync(session, Ask.Text("canary"), Soon.Token);
        var second = await CoreHouse.SendAsync(session,
            Ask.For(Ask.User("canary"), Ask.Reference(first.Output[^1].GetProperty("id").GetString()!)).After(first.Id), Soon.Token);
        Assert.Equal("completed", second.Status);
        Assert.Equal(0, _rows.Calls);
        Assert.Empty(_rows.Rows);
    }

    [Fact]
    public async Task StoreThatIsAway_RefusesStoredTurnsAlone_BeforeAnythingIsGenerated()
    {
        _rows.IsAway = true;
        var refused = await Assert.ThrowsAsync<ApiException>(() => Soon.In(_house.Begin(Ask.Stored("hi")).Began));
        Assert.Equal(("store_unavailable", 503), (refused.Kind.Code, refused.Kind.Status));
        Assert.NotNull(refused.RetryAfter);
        Assert.Equal(0, _house.Backend.Turns);
        Assert.NotNull(await Soon.In(_house.Begin(Ask.Text("hi")).Ended));
        _rows.IsAway = false;
        Assert.NotNull(await Soon.In(_house.Begin(Ask.Stored("hi")).Ended));
    }

    [Fact]
    public async Task ContinuationThatTheStoreRefused_LosesNothing_AndComesAgain()
    {
        await using var session = _house.Sessions.Open(TenantId.Local);
        var first = await CoreHouse.SendAsync(session, Ask.Text("one"), Soon.Token);
        var stored = await CoreHouse.SendAsync(session, Ask.Stored("two"), Soon.Token);
        _rows.IsAway = true;
        var turn = session.Submit(new ClientFrame.Create(Ask.Stored("three").After(stored.Id)))!;
        Assert.Equal(Errors.StoreUnavailable, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began))).Kind);
        var unstored = await CoreHouse.SendAsync(session, Ask.Text("three").SayingStore(false).After(stored.Id), Soon.Token);
        Assert.Equal("completed", unstored.Status); // it is in memory, and this turn needs no store
        _rows.IsAway = false;
        Assert.NotEqual(first.Id, stored.Id);
        Assert.Equal("completed", (await CoreHouse.SendAsync(session, Ask.Stored("three").After(stored.Id), Soon.Token)).Status);
    }

    [Fact]
    public async Task ParentThatIsDeletedWhileATurnRuns_IsWhatTheTurnFailsFor()
    {
        var first = (await Soon.In(_house.Begin(Ask.Stored("one")).Ended))!;
        var second = (await Soon.In(_house.Begin(Ask.Stored("two").After(first.Id.Value)).Ended))!;
        var gate = _rows.Appending = new PhaseGate();
        var turn = _house.Begin(Ask.Stored("three").After(second.Id.Value));
        await Soon.In(gate.Reached);
        Assert.True(await _house.Store.DeleteAsync(TenantId.Local, second.Id, Soon.Token));
        gate.Open();
        var seen = await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
        Assert.Equal(("failed", Errors.PreviousResponseNotFound.Code), (seen.Status, seen.ErrorCode));
        await Soon.In(turn.Ended);
        Assert.Equal(first.Id, Assert.Single(_rows.Rows).Id);
    }

    [Fact]
    public async Task TurnWhoseStoringIsTooSlow_IsFoundByNobody_FromTheMomentItIsReported()
    {
        using var house = House();
        var gate = _rows.Appending = new PhaseGate();
        var turn = house.Begin(Ask.Stored("hi"));
        await Soon.In(gate.Reached);
        house.Time.Advance(house.Turns.KeepMax);
        var seen = await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
        Assert.Equal("response_not_stored", seen.ErrorCode);
        var id = new ResponseId(seen.Id);
        Assert.Null(await house.Store.FindAsync(TenantId.Local, id, Soon.Token));
        gate.Open(); // it is stored after all
        house.Time.Advance(house.Turns.StopMax);
        await Soon.In(turn.Ended);
        await Soon.In(house.Pipeline.DrainAsync(CancellationToken.None));
        Assert.Null(await house.Store.FindAsync(TenantId.Local, id, Soon.Token));
        Assert.Empty(_rows.Rows);
    }

    [Fact]
    public async Task ResentHistory_OfAStoredChain_IsANewConversation_WhereTheStoreIsAway_AndItIsNotStored()
    {
        using var other = House(countMax: 1);
        var again = (await Soon.In(other.Begin(Ask.Stored("one")).Ended))!;
        Assert.NotNull(await Soon.In(other.Begin(Ask.Stored("else")).Ended)); // and so the first is in the rows alone
        _rows.IsAway = true;
        var history = Ask.For([Ask.User("one"), .. again.Output, Ask.User("two")]);
        Assert.Null((await Soon.In(other.Begin(history).Ended))!.Parent);
        _rows.IsAway = false;
        Assert.Same(again, (await Soon.In(other.Begin(history).Ended))!.Parent);
    }

    [Fact]
    public async Task TurnWhoseStoringFails_FailsWithACodeThatSaysSo_AndIsFoundByNobody()
    {
        _house.Backend.OnPhase = (_, phase, _) =>
        {
            if (phase == ScriptPhase.Finishing) _rows.LosesAnswers = true;
            return default;
        };
        var seen = await _house.RunAsync(Ask.Stored("hi"), Soon.Token);
        Assert.Equal(("response.failed", "response_not_stored"), (seen.Types[^1], seen.ErrorCode));
        _rows.LosesAnswers = false;
        Assert.Null(await _house.Store.FindAsync(TenantId.Local, new ResponseId(seen.Id), Soon.Token));
        Assert.Empty(_rows.Rows);
    }

    [Fact]
    public async Task TurnWhoseChainWasTaken_FailsWithACodeThatSaysSo()
    {
        var first = (await Soon.In(_house.Begin(Ask.Stored("one")).Ended))!;
        using var other = House();
        var gate = new PhaseGate();
        _house.Backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : default;
        var late = _house.Begin(Ask.Stored("late").After(first.Id.Value));
        await Soon.In(gate.Reached);
        Assert.NotNull(await Soon.In(other.Begin(Ask.Stored("theirs").After(first.Id.Value)).Ended));
        gate.Open();
        var seen = await SeenEvents.ReadAsync(await late.Began, Soon.Token);
        Assert.Equal(("response.failed", "conversation_taken_over"), (seen.Types[^1], seen.ErrorCode));
        Assert.Equal(2, _rows.Rows.Length);
    }

    [Fact]
    public async Task ChainThatIsStoredNoMore_IsNotFound_ThoughItIsStillInMemory()
    {
        await using var session = _house.Sessions.Open(TenantId.Local);
        var first = await CoreHouse.SendAsync(session, Ask.Stored("one"), Soon.Token);
        await Durables.Over(_rows.Open(), _meters).DeleteAsync(TenantId.Local, new ResponseId(first.Id), Soon.Token); // by another server
        var turn = session.Submit(new ClientFrame.Create(Ask.Stored("two").After(first.Id)))!;
        var refused = await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began));
        Assert.Equal(Errors.PreviousResponseNotFound, refused.Kind);
        var again = await CoreHouse.SendAsync(session, Ask.Stored("two"), Soon.Token);
        Assert.Equal("completed", again.Status);
    }

    [Fact]
    public async Task TenantThatIsFull_IsToldSo()
    {
        _rows.ResponsesMax = 0;
        var seen = await _house.RunAsync(Ask.Stored("hi"), Soon.Token);
        Assert.Equal(("response.failed", "storage_limit_reached"), (seen.Types[^1], seen.ErrorCode));
    }

    [Fact]
    public async Task ItemReference_FindsAStoredItem_ThatIsInTheRowsAlone()
    {
        var first = (await Soon.In(_house.Begin(Ask.Stored("one")).Ended))!;
        using var other = House();
        var referred = (await Soon.In(other.Begin(Ask.For(Ask.Reference(first.Output[0].Id!), Ask.User("two")).SayingStore(true)).Ended))!;
        Assert.Equal(first.Output[0].Json, referred.Input[0].Json);
    }

    [Theory]
    [InlineData(3, 1000)]
    [InlineData(1000, 9)]
    public async Task ChainThatIsTooLong_IsRefused_ByItsResponsesAndByItsItems(int depthMax, int itemsMax)
    {
        using var house = House(turns: options => (options.ChainDepthMax, options.ChainItemsMax) = (depthMax, Math.Max(16, itemsMax)));
        string? previous = null;
        ApiException? refused = null;
        for (var i = 0; i < 20 && refused is null; i++)
        {
            var turn = house.Begin(Ask.Stored("more").After(previous));
            try { await Soon.In(turn.Began); }
            catch (ApiException error) { refused = error; }
            previous = (await Soon.In(turn.Ended))?.Id.Value;
        }
        Assert.Equal(Errors.ChainTooLong, refused?.Kind);
    }

    public void Dispose()
    {
        _house.Dispose();
        _meters.Dispose();
    }

    /// <summary>A process of its own, whose names are none of the others'.</summary>
    private CoreHouse House(int countMax = 1000, Action<TurnOptions>? turns = null)
    {
        var house = new CoreHouse(turns: turns, store: _ => Durables.Over(_rows.Open(), _meters, new() { CountMax = countMax }));
        for (var i = 0; i < 1000 * _houses; i++) house.Ids.Next();
        _houses++;
        return house;
    }
}
