using Samovar.Engine.Retention;
using Xunit;

namespace Samovar.Engine.Tests.Retention;

public sealed class RetentionQueueTests
{
    [Fact]
    public void Queue_GivesTheLowest_AsAPlainSearchDoes()
    {
        var (queue, plain, random) = (new RetentionQueue<int>(), new Dictionary<int, (double Worth, int Number)>(), new Random(5));
        for (var step = 0; step < 30_000; step++)
        {
            var item = random.Next(200);
            if (random.Next(3) == 0)
            {
                queue.Remove(item);
                plain.Remove(item);
            }
            else
            {
                var worth = random.Next(50);
                queue.Set(item, worth, TimeSpan.MaxValue);
                plain[item] = (worth, step);
            }
            Assert.Equal(plain.Count, queue.Count);
            Assert.Equal(plain.Count > 0, queue.TryPeek(out var first, out var lowest));
            if (plain.Count == 0) continue;
            var expected = plain.MinBy(pair => pair.Value);
            Assert.Equal((expected.Key, expected.Value.Worth), (first, lowest));
        }
    }

    [Fact]
    public void Item_IsHandedOutOnce_WhenItsTimeIsOver()
    {
        var queue = new RetentionQueue<string>();
        queue.Set("a", 1, TimeSpan.FromSeconds(10));
        queue.Set("b", 2, TimeSpan.FromSeconds(5));
        queue.Set("b", 2, TimeSpan.FromSeconds(20)); // valued again meanwhile
        queue.Set("c", 3, TimeSpan.FromSeconds(5));
        queue.Remove("c");
        Assert.False(queue.TryTakeStale(TimeSpan.FromSeconds(9), out _));
        Assert.True(queue.TryTakeStale(TimeSpan.FromSeconds(10), out var stale));
        Assert.Equal("a", stale);
        Assert.False(queue.TryTakeStale(TimeSpan.FromSeconds(10), out _));
        Assert.Equal(2, queue.Count);
    }

    /// <summary>Items are set, valued again, removed and get old in any order; a list that is searched through says the same.</summary>
    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 300)]
    [InlineData(3, 3000)]
    public void Queue_IsAListThatIsSearchedThrough_OverRandomOperations(int seed, int items)
    {
        var (queue, plain, random) = (new RetentionQueue<int>(), new Dictionary<int, Plain>(), new Random(seed));
        var (now, number) = (0, 0);
        for (var step = 0; step < 20_000; step++)
        {
            var item = random.Next(items);
            switch (random.Next(6))
            {
                case 0:
                    queue.Remove(item);
                    plain.Remove(item);
                    break;
                case 1:
                    now += random.Next(20);
                    TakeStale(queue, plain, now);
                    break;
                case 2 when queue.TryPeek(out var first, out _):
                    queue.Remove(first);
                    plain.Remove(first);
                    break;
                default:
                    var worth = random.Next(20) == 0 ? double.NegativeInfinity : random.Next(50);
                    var until = random.Next(4) == 0 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(now + random.Next(-5, 60));
                    queue.Set(item, worth, until);
                    plain[item] = new Plain(worth, number++, until, WasHandedOut: false);
                    break;
            }
            Assert.Equal((plain.Count, plain.Count > 0), (queue.Count, queue.TryPeek(out var least, out var lowest)));
            if (plain.Count == 0) continue;
            var expected = plain.MinBy(pair => (pair.Value.Worth, pair.Value.Number));
            Assert.Equal((expected.Key, expected.Value.Worth), (least, lowest));
        }
    }

    private static void TakeStale(RetentionQueue<int> queue, Dictionary<int, Plain> plain, int now)
    {
        var at = TimeSpan.FromSeconds(now);
        foreach (var (item, one) in plain.Where(pair => !pair.Value.WasHandedOut && pair.Value.Until <= at)
            .OrderBy(pair => (pair.Value.Until, pair.Value.Number)).ToList())
        {
            Assert.True(queue.TryTakeStale(at, out var stale));
            Assert.Equal(item, stale);
            plain[item] = one with { WasHandedOut = true };
        }
        Assert.False(queue.TryTakeStale(at, out _));
    }

    private sealed record Plain(double Worth, int Number, TimeSpan Until, bool WasHandedOut);
}
