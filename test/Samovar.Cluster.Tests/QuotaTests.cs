using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Samovar.Testing.Models;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>Tenants' quotas hold over all nodes together, as exactly as the documents say.</summary>
public sealed class QuotaTests(SharedDatabase database) : IClassFixture<SharedDatabase>, IDisposable
{
    private const int NodeCount = 3, RequestsPerMinute = 40, AskedAtEach = 30, TurnsAtOnce = 2;
    private const int LongAnswer = 30_000; // tokens: far longer than the test

    /// <summary>A twentieth of the quota, taken by each node in one stretch and used in the next: docs/quotas.md.</summary>
    private const int Overshoot = NodeCount * RequestsPerMinute / 20;

    private static readonly string Keys = $$"""
        {
          "tenants": { "busy": ["key-of-busy"], "many": ["key-of-many"], "calm": ["key-of-calm"] },
          "operators": ["calm"],
          "quotas": { "busy": { "requests_per_minute": {{RequestsPerMinute}} }, "many": { "turns_at_once": {{TurnsAtOnce}} } }
        }
        """;

    private readonly string _keys = Path.GetTempFileName();

    public void Dispose() => File.Delete(_keys);

    [Fact]
    public async Task Requests_OfATenant_PassAllNodesTogether_AsOftenAsItsQuotaSays_AndOthersAreNotRefused()
    {
        await using var nodes = await StartAsync();
        Node[] all = [nodes.A, nodes.B, nodes.C];
        var begun = Stopwatch.GetTimestamp();
        var others = AskAsync(nodes.A, "calm", times: 5); // meanwhile
        var asked = await Task.WhenAll(all.Select(node => AskAsync(node, "busy", AskedAtEach)));
        var minutes = Stopwatch.GetElapsedTime(begun).TotalMinutes;
        var admitted = asked.SelectMany(static answers => answers).Count(static status => status == HttpStatusCode.OK);
        TestContext.Current.TestOutputHelper?.WriteLine($"{admitted} in {minutes * 60:F1} s.");
        Assert.InRange(admitted, RequestsPerMinute - Overshoot, (int)Math.Ceiling(RequestsPerMinute * (1 + minutes)) + Overshoot);
        Assert.All(await others, static status => Assert.Equal(HttpStatusCode.OK, status));
        foreach (var node in all)
            Assert.All(await AskAsync(node, "calm", times: 1), static status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Fact]
    public async Task TurnsAtOnce_AreCountedOverAllNodes()
    {
        var slow = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.M15);
        await using var nodes = await StartAsync(("Engine__ModelPath", slow), ("Engine__ContextTokens", "32768"));
        Node[] all = [nodes.A, nodes.B, nodes.C];
        foreach (var node in all) SignIn(node, "many");
        var first = await nodes.A.Server.StreamAsync(AskWithoutEnd(tokens: LongAnswer, size: RandomModelSize.M15));
        using (await nodes.B.Server.StreamAsync(AskWithoutEnd(tokens: LongAnswer, size: RandomModelSize.M15)))
        {
            foreach (var node in all)
                Assert.Equal(HttpStatusCode.TooManyRequests, (await node.Server.TryAsync(Ask("Hi.", tokens: 16))).Status);
            Assert.Equal([HttpStatusCode.OK], await AskAsync(nodes.C, "calm", times: 1));
            first.Dispose(); // its client is gone, and its place is free for any node
            SignIn(nodes.C, "many");
            await UntilAsync(() => nodes.C.Server.TryAsync(Ask("Hi.", tokens: 16)), static answer => answer.IsWon);
        }
    }

    /// <summary>All know all: the share of each follows from their number.</summary>
    private async Task<Nodes> StartAsync(params (string, string)[] more)
    {
        await File.WriteAllTextAsync(_keys, Keys);
        (string, string)[] settings =
        [
            ("Auth__KeyFile", _keys), ("Turns__RefusalHoldMax", "00:00:00"), ("Quotas__IdleMax", "00:00:01"),
            ("Quotas__AnswerMax", "00:00:30"), // a slow database is another matter
        ];
        var nodes = await Nodes.StartAsync(database, NodeCount, [.. settings, .. more]);
        foreach (var node in (Node[])[nodes.A, nodes.B, nodes.C]) SignIn(node, "calm");
        await nodes.UntilAllSeenAsync();
        return nodes;
    }

    private static void SignIn(Node node, string tenant) =>
        node.Server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "key-of-" + tenant);

    private static async Task<List<HttpStatusCode>> AskAsync(Node node, string tenant, int times)
    {
        List<HttpStatusCode> answers = [];
        for (var time = 0; time < times; time++) answers.Add(await AskAsync(node, tenant));
        return answers;
    }

    /// <summary>One short turn; where it is refused, it is as it should be.</summary>
    private static async Task<HttpStatusCode> AskAsync(Node node, string tenant)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        request.Content = JsonContent.Create(Ask("Hi.", tokens: 16));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "key-of-" + tenant);
        using var answer = await node.Server.Http.SendAsync(request);
        if (answer.StatusCode == HttpStatusCode.OK) return answer.StatusCode;
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal("rate_limit_exceeded", (await Answer.OfAsync(answer)).Code);
        Assert.InRange(int.Parse(answer.Headers.GetValues("retry-after").Single(), CultureInfo.InvariantCulture), 1, 60);
        return answer.StatusCode;
    }
}
