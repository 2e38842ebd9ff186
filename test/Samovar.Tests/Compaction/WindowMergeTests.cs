using Samovar.Chains;
using Samovar.Compaction;
using Samovar.Protocol.Items;
using Samovar.Testing.Core;

namespace Samovar.Tests.Compaction;

public sealed class WindowMergeTests
{
    /// <summary>Against the same said plainly, at the cost of each item with each other.</summary>
    [Fact]
    public void Merge_IsWhatComparingEachWithEachGives()
    {
        var random = new Random(4711);
        for (var round = 0; round < 2000; round++)
        {
            List<Item> before = Some(random, 8, withRules: true);
            var window = new Window(Some(random, 6, withRules: random.Next(3) == 0), "notes",
                Some(random, 4, withRules: random.Next(3) == 0), Window.ByModel);
            Assert.Equal(Texts(Plain(before, window)), Texts(WindowMerge.Of(before, window)));
        }
    }

    /// <summary>Twice as much on both sides costs twice as much, also where all seem to say the same.</summary>
    [Theory]
    [InlineData("""{"role":"user","content":"OWN AT"}""", """{"role":"user","content":"KEPT AT"}""")]
    [InlineData("""{"role":"user","content":"x","own":AT}""", """{"role":"user","content":"x","kept":AT}""")]
    [InlineData("""{"role":"user","content":"x"}""", """{"role":"user","content":"x"}""")]
    public void Merge_CostsWhatThereIs(string own, string kept)
    {
        Allocated(10); // what is made once
        var (small, large) = (Allocated(200), Allocated(1600));
        Assert.InRange((double)large / small, 1, 16); // 8 as far as it is proportional, 64 where each is compared with each

        long Allocated(int count)
        {
            var window = new Window(Many(kept, count), null, [], Window.Whole);
            var before = Many(own, count);
            var start = GC.GetAllocatedBytesForCurrentThread();
            WindowMerge.Of(before, window);
            return GC.GetAllocatedBytesForCurrentThread() - start;
        }
    }

    private static List<Item> Many(string json, int count) =>
        [.. Enumerable.Range(0, count).Select(at => Conversations.Read(json.Replace("AT", $"{at}", StringComparison.Ordinal)))];

    private static List<Item> Some(Random random, int most, bool withRules) =>
    [
        .. Enumerable.Range(0, random.Next(most)).Select(_ => withRules && random.Next(5) == 0
            ? Conversations.Read($$"""{"type":"message","role":"developer","content":"rules {{random.Next(3)}}"}""")
            : random.Next(6) == 0 ? Conversations.Read("""{"type":"message","role":"assistant","content":"said"}""")
            : Ask.User($"m{random.Next(5)}")),
    ];

    private static IEnumerable<string> Texts(IEnumerable<Item> items) =>
        items.Select(static item => (item as MessageItem)?.Role + ":" + (Window.NotesOf(item) ?? ItemText.Of(item)));

    private static List<Item> Plain(List<Item> before, Window window)
    {
        var own = before.Where(WindowMerge.IsKept).ToList();
        for (var i = window.Recent.Count - 1; i >= 0; i--)
            if (WindowMerge.IsKept(window.Recent[i])
                && own.FindLastIndex(item => ItemContent.AreEqual(item, window.Recent[i])) is >= 0 and var last)
                own.RemoveAt(last);
        var hasRules = own.Exists(WindowMerge.IsLead);
        var found = new HashSet<Item>(ReferenceEqualityComparer.Instance);
        var at = own.FindIndex(static item => !WindowMerge.IsLead(item));
        if (at < 0) at = own.Count;
        foreach (var item in window.Kept.Where(item => !hasRules || !WindowMerge.IsLead(item)))
        {
            var same = own.FindIndex(one => !found.Contains(one) && ItemContent.AreEqual(one, item));
            if (same < 0) own.Insert(at, item);
            found.Add(same < 0 ? item : own[same]);
            at = same < 0 ? at + 1 : same + 1;
        }
        return [.. own, .. window.NotesItems, .. window.Recent];
    }
}
