using Samovar.Chains.Durable;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Chains.Durable;

public sealed class TakenBackResponsesTests
{
    [Fact]
    public async Task StoreThatIsAwayForLong_LeavesNoLineForEachTry_AndItIsDeletedWhenItIsBack()
    {
        var (time, log, rows) = (new ManualTime(), new LineLogger<TakenBackResponsesTests>(), new ChainRowsLab { IsAway = true });
        await using var takenBack = new TakenBackResponses(rows.Open(), time, log);
        var id = new ResponseId("resp_a");
        await takenBack.AddAsync(TenantId.Local, id, ChainClaim.New);
        for (var tries = 0; tries < 5; tries++)
        {
            await Soon.In(time.WhenArmed(TakenBackResponses.TryAgainAfter));
            time.Advance(TakenBackResponses.TryAgainAfter);
        }
        Assert.True(takenBack.Has(TenantId.Local, id));
        Assert.Empty(log.Lines);
        rows.IsAway = false;
        var late = Soon.Token;
        while (takenBack.Has(TenantId.Local, id))
        {
            late.ThrowIfCancellationRequested();
            time.Advance(TakenBackResponses.TryAgainAfter);
            await Task.Yield();
        }
    }
}
