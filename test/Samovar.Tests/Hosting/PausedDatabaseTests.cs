using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Tests.Hosting;

/// <summary>A server whose PostgreSQL is stopped under load, with every connection in use.</summary>
public sealed class PausedDatabaseTests(SharedDatabase database) : IClassFixture<SharedDatabase>, IDisposable
{
    private const int Talkers = 12, Readers = 24, AloneMin = 20;

    /// <summary>A claim and an append may take <c>Store:CallTimeMax</c> each; others use the machine, too.</summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(10 + 10 + 60);
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentDictionary<string, string> _stored = new(StringComparer.Ordinal); // a chain's newest response, and its first
    private SharingServer _server = null!;
    private int _wins, _refusals, _alone;

    public void Dispose() => _ended.Dispose();

    [Fact]
    public async Task Pause_HoldsNoTurnBeyondItsTime_NorAnyThatStoresNothing_AndNothingAcknowledgedIsLost()
    {
        await using var server = _server = await database.StartAsync(database.NewAddress());
        var clients = Enumerable.Range(0, Talkers).Select(_ => TalkAsync())
            .Concat(Enumerable.Range(0, Readers).Select(_ => ReadAsync())).Append(AloneAsync()).ToList();
        await MoreAsync(clients, () => Volatile.Read(ref _wins), 30);
        var threads = Threads();
        await database.PauseAsync();
        await MoreAsync(clients, () => Volatile.Read(ref _refusals), 100);
        await MoreAsync(clients, () => Volatile.Read(ref _alone), AloneMin);
        await Task.Delay(SharedStoreTests.StoppedFor);
        Assert.InRange(Threads() - threads, -100, 40);
        await database.ResumeAsync();
        await MoreAsync(clients, () => Volatile.Read(ref _wins), 30);
        await _ended.CancelAsync();
        await Task.WhenAll(clients);
        foreach (var (last, first) in _stored)
        {
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync($"/v1/responses/{last}")).Status);
            Assert.Contains($"the first of {first}",
                (await server.GetAsync($"/v1/responses/{last}/input_items?limit=100")).Body.GetRawText(), StringComparison.Ordinal);
        }
    }

    private async Task TalkAsync()
    {
        for (var (name, last) = ("", ""); !_ended.IsCancellationRequested;)
        {
            if (last.Length == 0 || _stored.Count % 20 == 0) (name, last) = (Guid.NewGuid().ToString("N"), "");
            var answer = await InTimeAsync(() => _server.TryAsync(last.Length == 0
                ? Ask($"the first of {name}", tokens: 16) : Ask("go on", last, tokens: 16)));
            if (!answer.IsWon)
            {
                await RefusedAsync(answer, "store_unavailable", "response_not_stored");
                continue;
            }
            _stored[last = answer.Id] = name;
            Interlocked.Increment(ref _wins);
        }
    }

    private async Task ReadAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            var answer = await InTimeAsync(() => _server.GetAsync("/v1/responses/resp_nobody_has_this"));
            if (answer.Status == HttpStatusCode.NotFound) await Task.Delay(20);
            else await RefusedAsync(answer, "store_unavailable");
        }
    }

    private async Task AloneAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            var body = Ask("alone", tokens: 16);
            body["store"] = false;
            await InTimeAsync(() => _server.CreateAsync(body));
            Interlocked.Increment(ref _alone);
        }
    }

    private async Task RefusedAsync(Answer answer, params string[] codes)
    {
        Assert.Contains(answer.Code, codes);
        Interlocked.Increment(ref _refusals);
        await Task.Delay(20);
    }

    private static async Task<Answer> InTimeAsync(Func<Task<Answer>> ask)
    {
        var begun = Stopwatch.GetTimestamp();
        var answer = await ask();
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TurnMax);
        return answer;
    }

    private static async Task MoreAsync(List<Task> clients, Func<int> count, int more)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        for (var before = count(); count() < before + more;)
        {
            if (clients.Find(client => client.IsFaulted) is { } broken) await broken;
            await Task.Delay(20, late.Token);
        }
    }

    private int Threads() => int.Parse(_server.Process.Proc("status", "Threads:")["Threads:".Length..], CultureInfo.InvariantCulture);
}
