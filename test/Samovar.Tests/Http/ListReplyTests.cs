using Samovar.Budgets;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Http;

namespace Samovar.Tests.Http;

public sealed class ListReplyTests
{
    private static readonly FlowId Mine = new("mine"), Theirs = new("theirs");

    [Fact]
    public void Page_CountsForItsFlow_UntilItsClientHasIt()
    {
        var memory = new MemoryShares(new MemoryOptions { LogsBytesMax = 1 << 20 }, chainBytesMax: 1 << 20, parkedBytesMax: 0);
        using (var mine = new ListReply(memory, Mine, new HttpOptions()))
        {
            var error = Assert.Throws<ApiException>(() =>
            {
                for (var at = 0; at < 100; at++) mine.Add($"{at}", static json => json.WriteStringValue(new string('x', 20_000)));
            });
            Assert.Equal((Errors.ServerOverloaded, 503), (error.Kind, error.Kind.Status));
            Assert.InRange(memory.Logs.Share.Bytes, 100_000, 1 << 20);
            using var theirs = new ListReply(memory, Theirs, new HttpOptions());
            theirs.Add("0", static json => json.WriteStringValue(new string('x', 20_000)));
        }
        Assert.Equal(0, memory.Logs.Share.Bytes);
    }

    [Fact]
    public void ReplyThatSaysWhatWasDone_IsNotRefused()
    {
        var memory = new MemoryShares(new MemoryOptions { LogsBytesMax = 1 << 20 }, chainBytesMax: 1 << 20, parkedBytesMax: 0);
        using (var done = new ListReply(memory, Mine, new HttpOptions(), mayRefuse: false))
            for (var at = 0; at < 100; at++) done.Add($"{at}", static json => json.WriteStringValue(new string('x', 20_000)));
        Assert.Equal(0, memory.Logs.Share.Bytes);
    }
}
