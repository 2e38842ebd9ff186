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
}
