using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Quotas;
using Samovar.Testing;
using Samovar.Testing.Quotas;

namespace Samovar.Tests.Quotas;

/// <summary>Turns at once of three nodes: never more than may be, and nobody is kept out by another node's flood.</summary>
public sealed class SharedPlacesTests : IAsyncDisposable
{
    private const int Seconds = 120, WaitMax = 12;
    private static readonly TenantId Tea = new("tea");
    private readonly ManualTime _time = new();
    private readonly List<Site> _sites = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var site in _sites) await site.Node.DisposeAsync();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 7)]
    [InlineData(5, 40)]
    public async Task Flood_KeepsNobodyOut_AndNoPlaceIsLentTwice(int seed, int limit)
    {
        Start(limit);
        var random = new Random(seed);
        var (flood, most) = (_sites[0], 0);
        for (var second = 0; second < Seconds; second++)
        {
            flood.Waiting.AddRange(Enumerable.Repeat(second, Math.Max(0, 2 * limit - flood.Waiting.Count)));
            foreach (var quiet in _sites.Skip(1))
                if (quiet.Waiting.Count == 0 && quiet.Held.Count == 0 && random.Next(8) == 0) quiet.Waiting.Add(second);
            foreach (var site in _sites.OrderBy(_ => random.Next()))
            {
                await site.EnterAsync(until: second + 1 + random.Next(2));
                var running = _sites.Sum(static one => one.Held.Count);
                Assert.InRange(running, 0, limit);
                most = Math.Max(most, running);
            }
            foreach (var quiet in _sites.Skip(1))
                Assert.All(quiet.Waiting, since => Assert.True(second - since <= WaitMax, $"waits since {since} at {second}"));
            await StepAsync(second);
        }
        Assert.Equal(limit, most); // all places are used
        Assert.True(flood.Served > Seconds * limit / 5, $"{flood.Served} of the flood");
    }

    private void Start(int limit)
    {
        var rows = new MemoryQuotaRows(_time);
        foreach (var name in new[] { "one", "two", "three" }) _sites.Add(new Site(new QuotaNode(_time, name, rows)));
        foreach (var site in _sites)
        {
            site.Node.See([.. _sites.Where(other => other != site).Select(static other => other.Node)]);
            site.Node.Table[Tea] = new TenantQuota(null, null, limit, null);
        }
    }

    /// <summary>A second goes by, in which turns end at any moment.</summary>
    private async Task StepAsync(int second)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        foreach (var site in _sites)
        {
            site.End(second + 1);
            site.Node.Uses.Tend();
            await site.Node.SettledAsync();
        }
    }

    /// <summary>A node and its clients.</summary>
    private sealed record Site(QuotaNode Node)
    {
        /// <summary>Since when turns wait.</summary>
        public List<int> Waiting { get; } = [];
        public List<(QuotaHold Hold, int Until)> Held { get; } = [];
        public int Served { get; private set; }

        public async Task EnterAsync(int until)
        {
            while (Waiting.Count > 0)
            {
                try { Held.Add(((await Node.EnterAsync(Tea))!, until)); }
                catch (ApiException) { break; }
                Waiting.RemoveAt(0);
                Served++;
            }
        }

        public void End(int second)
        {
            foreach (var (hold, _) in Held.Where(one => one.Until <= second)) hold.End(null);
            Held.RemoveAll(one => one.Until <= second);
        }
    }
}
