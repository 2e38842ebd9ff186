using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Testing;
using Samovar.Testing.Models.Kinds;
using Samovar.Testing.Models;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Prefixes;

/// <summary>Prefixes over HTTP: warmed once, kept for their time, listed with those who use them.</summary>
public sealed class PrefixServerTests
{
    [Fact]
    public async Task WarmedPrefix_IsFoundByEverySession_AndSaysWhoUsesIt()
    {
        await using var lab = await PrefixLab.StartAsync();
        var warmed = await lab.WarmAsync(new { request = PrefixLab.Start(), name = "crew", keep = "2h" });
        var (id, tokens) = (warmed.GetProperty("id").GetString()!, warmed.GetProperty("tokens").GetInt32());
        Assert.Equal(("samovar.prefix", "crew", "warm", "warmed"), (Text(warmed, "object"), Text(warmed, "name"), Text(warmed, "status"),
            Text(warmed, "origin")));
        Assert.Equal((0, tokens), (warmed.GetProperty("warmed").GetProperty("cached_tokens").GetInt32(),
            warmed.GetProperty("warmed").GetProperty("computed_tokens").GetInt32()));
        Assert.Equal(7200, warmed.GetProperty("keep_seconds").GetInt32());
        Assert.True(warmed.GetProperty("bytes").GetInt64() > 0);

        var said = await Task.WhenAll(Enumerable.Range(0, 6).Select(at => lab.AskAsync(PrefixLab.Question($"{at} is my number"))));
        Assert.All(said, turn => Assert.InRange(turn.Cached, tokens, turn.Input - 1));

        var one = await lab.OneAsync(id);
        Assert.Equal((6, 6, 0), (one.GetProperty("turns").GetInt32(), one.GetProperty("hits").GetInt32(),
            one.GetProperty("users").GetProperty("running").GetInt32()));
        Assert.Equal(one.GetRawText(), Assert.Single(await lab.ListAsync(), item => Text(item, "id") == id).GetRawText());

        var again = await lab.WarmAsync(new { request = PrefixLab.Start(), keep = 60 });
        Assert.Equal((id, "crew", 60, tokens), (Text(again, "id"), Text(again, "name"), again.GetProperty("keep_seconds").GetInt32(),
            again.GetProperty("warmed").GetProperty("cached_tokens").GetInt32()));
        Assert.Equal(6, again.GetProperty("hits").GetInt32()); // who used it stays known
        var (status, gone) = await lab.SendAsync(HttpMethod.Delete, $"{PrefixLab.Path}/{id}", null, "sk-a");
        Assert.Equal((HttpStatusCode.OK, true), (status, gone.GetProperty("deleted").GetBoolean()));
        Assert.Equal(HttpStatusCode.NotFound, (await lab.SendAsync(HttpMethod.Delete, $"{PrefixLab.Path}/{id}", null, "sk-a")).Status);
    }

    [Fact]
    public async Task Metrics_CountWhatIsKept_AndWhoFoundIt_AfterItIsGoneToo()
    {
        await using var lab = await PrefixLab.StartAsync();
        var warmed = await lab.WarmAsync(new { request = PrefixLab.Start() });
        await lab.AskAsync(PrefixLab.Question("what is the time?"));
        await lab.AskAsync(PrefixLab.Question("and the day?"));
        const string hits = "samovar_prefixes_turns_total{samovar_outcome=\"hit\"} 2";
        var metrics = await lab.MetricsAsync();
        string[] now =
        [
            "samovar_prefixes_kept 1", $"samovar_prefixes_tokens {warmed.GetProperty("tokens").GetInt32()}", hits,
            $"samovar_prefixes_computed_total {warmed.GetProperty("warmed").GetProperty("computed_tokens").GetInt32()}",
            "samovar_prefixes_warm_duration_seconds_count{samovar_outcome=\"warmed\"} 1",
        ];
        Assert.All(now, line => Assert.Contains(line + "\n", metrics, StringComparison.Ordinal));
        await lab.SendAsync(HttpMethod.Delete, $"{PrefixLab.Path}/{Text(warmed, "id")}", null, "sk-a");
        metrics = await lab.MetricsAsync();
        string[] after = ["samovar_prefixes_kept 0", hits, "samovar_prefixes_ended_total{samovar_reason=\"deleted\"} 1"];
        Assert.All(after, line => Assert.Contains(line + "\n", metrics, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RequestsOfEveryProtocol_WarmTheSamePrefix()
    {
        await using var lab = await PrefixLab.StartAsync();
        const string developer = "Work in /tmp alone, and touch nothing else there is.";
        object[] requests =
        [
            new
            {
                model = "m",
                input = new[] { new { role = "system", content = PrefixLab.Instructions }, new { role = "user", content = developer } },
            },
            new
            {
                model = "m",
                messages = new[] { new { role = "system", content = PrefixLab.Instructions }, new { role = "user", content = developer } },
            },
            new
            {
                model = "m", max_tokens = 10, system = PrefixLab.Instructions,
                messages = new[] { new { role = "user", content = developer } },
            },
        ];
        var ids = new HashSet<string>();
        foreach (var request in requests) ids.Add(Text(await lab.WarmAsync(new { request }), "id")!);
        Assert.Single(ids);
        var wrong = await lab.RefusedAsync(new { request = requests[2], protocol = "responses" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
    }

    [Fact]
    public async Task ManyWarmUpsOfOnePrefix_ComputeItOnce()
    {
        await using var lab = await PrefixLab.StartAsync();
        var warmed = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => lab.WarmAsync(new { request = PrefixLab.Start() })));
        var tokens = warmed[0].GetProperty("tokens").GetInt32();
        Assert.Single(warmed.Select(one => Text(one, "id")).Distinct());
        var status = (await lab.SendAsync(HttpMethod.Get, "/health", null, "sk-op")).Json;
        Assert.Equal(tokens, status.GetProperty("engine").GetProperty("prefilled_tokens").GetInt32());
    }

    [Fact]
    public async Task Prefix_GoesWhenItsTimeIsOver_AndNotBefore()
    {
        var time = new ManualTime();
        await using var lab = await PrefixLab.StartAsync(services => services.AddSingleton<TimeProvider>(time), []);
        var first = Text(await lab.WarmAsync(new { request = PrefixLab.Start(), keep = "10m" }), "id")!;
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("warm", Text(await lab.OneAsync(first), "status"));
        await lab.AskAsync(PrefixLab.Question("still here?"));
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("warm", Text(await lab.OneAsync(first), "status")); // its time begins with its last use
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.DoesNotContain(await lab.ListAsync(), one => Text(one, "origin") == "warmed");
        Assert.Equal("prefix_not_found", (await lab.OneAsync(first)).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task StartsThatSessionsShare_AreListedWithoutAWarmUp()
    {
        await using var lab = await PrefixLab.StartAsync();
        for (var at = 0; at < 3; at++) await lab.AskAsync(PrefixLab.Question($"{at} is my number", store: true));
        var shared = Assert.Single(await lab.ListAsync());
        Assert.Equal(("shared", "warm", 3), (Text(shared, "origin"), Text(shared, "status"),
            shared.GetProperty("users").GetProperty("sessions").GetInt32()));
        Assert.Equal(Text(shared, "id"), Text(await lab.OneAsync(Text(shared, "id")!), "id"));
        Assert.Empty(await lab.ListAsync("sk-b"));
        var (status, _) = await lab.SendAsync(HttpMethod.Delete, $"{PrefixLab.Path}/{Text(shared, "id")}", null, "sk-a");
        Assert.Equal(HttpStatusCode.NotFound, status); // nobody asked to keep it
    }

    [Theory]
    [InlineData("gemma3")]
    [InlineData("qwen35")]
    [InlineData("mamba2")]
    public async Task EveryKindOfMemory_BeginsWithAPrefix_AsIfItHadComputedIt(string architecture)
    {
        var model = KindModel.Ensure(
            Path.Combine(AppContext.BaseDirectory, "models"), ModelKind.Of(architecture), thinks: true, WeightType.Q8);
        await using var cold = await PrefixLab.StartAsync(("Engine:ModelPath", model));
        await using var lab = await PrefixLab.StartAsync(("Engine:ModelPath", model));
        var tokens = (await lab.WarmAsync(new { request = PrefixLab.Start() })).GetProperty("tokens").GetInt32();
        await lab.AskAsync(PrefixLab.Question("another one", instructions: string.Join(' ', Enumerable.Repeat("other words", 30))));
        await lab.AskAsync(PrefixLab.Question("and one more", instructions: string.Join(' ', Enumerable.Repeat("yet others", 30))));
        var (warm, expected) = (await lab.AskAsync(PrefixLab.Question("who?")), await cold.AskAsync(PrefixLab.Question("who?")));
        Assert.Equal(expected.Text, warm.Text);
        Assert.InRange(warm.Cached, tokens, warm.Input - 1);
        var edge = await lab.AskAsync(PrefixLab.Question("who?", PrefixLab.Instructions + " Be kind."));
        Assert.Equal((await cold.AskAsync(PrefixLab.Question("who?", PrefixLab.Instructions + " Be kind."))).Text, edge.Text);
        Assert.True(edge.Cached < tokens);
    }

    [Fact]
    public async Task NamedModels_HaveTheirOwn_AndGetThemBackWhenTheyAreLoadedAgain()
    {
        var time = new ManualTime();
        var folder = Path.Combine(AppContext.BaseDirectory, "models");
        await using var lab = await PrefixLab.StartAsync(services => services.AddSingleton<TimeProvider>(time),
        [
            ("Models:Served:a:Path", RandomModel.Ensure(folder, RandomModelSize.Tiny, WeightType.F32, seed: 1)),
            ("Models:Served:b:Path", RandomModel.Ensure(folder, RandomModelSize.Tiny, WeightType.F32, seed: 2)),
            ("Models:WholeWaitMax", "00:05:00"), ("Models:IdleMax", "00:10:00"),
        ], hasModel: false);
        var a = await lab.WarmAsync(new { request = PrefixLab.Start(), model = "a", name = "crew" });
        var b = await lab.WarmAsync(new { request = PrefixLab.Start(model: "b"), name = "crew b", keep = "3d" });
        Assert.Equal(("a", "b"), (Text(a, "model"), Text(b, "model")));
        Assert.NotEqual(Text(a, "id"), Text(b, "id"));
        var tokens = b.GetProperty("tokens").GetInt32();
        Assert.InRange((await lab.AskAsync(PrefixLab.Question("who?", model: "b"))).Cached, tokens, 2000);
        Assert.Equal((HttpStatusCode.NotFound, "model_not_found", "request.model"),
            await lab.RefusedAsync(new { request = PrefixLab.Start(model: "c") }));

        await BecomesAsync("cold", TimeSpan.FromMinutes(11)); // both are unloaded
        await lab.AskAsync(PrefixLab.Question("load it", instructions: "Others.", model: "b"));
        await BecomesAsync("warm", TimeSpan.FromSeconds(15));
        Assert.InRange((await lab.AskAsync(PrefixLab.Question("who?", model: "b"))).Cached, tokens, 2000);
        Assert.Equal(2, (await lab.OneAsync(Text(b, "id")!)).GetProperty("hits").GetInt32());

        async Task BecomesAsync(string status, TimeSpan after)
        {
            var late = Soon.Token;
            for (; Text(await lab.OneAsync(Text(b, "id")!), "status") != status; late.ThrowIfCancellationRequested()) time.Advance(after);
        }
    }

    [Fact]
    public async Task ModelOfAPool_KeepsNoPrefixes_AndItsUpstreamHearsNothing()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var lab = await PrefixLab.StartAsync(
            ("Upstream:Pools:0:Name", "pool"), ("Upstream:Pools:0:Destinations:0:Name", "account"),
            ("Upstream:Pools:0:Destinations:0:Kind", "chat"), ("Upstream:Pools:0:Destinations:0:BaseUrl", upstream.BaseUrl),
            ("Upstream:Pools:0:Destinations:0:Models:0", "far=fake-model"), ("Embedded:ModelName", "near"));
        Assert.Equal((HttpStatusCode.NotImplemented, "not_supported_by_upstream", "request.model"),
            await lab.RefusedAsync(new { request = PrefixLab.Start(model: "far") }));
        Assert.Empty(upstream.Requests);
        Assert.Equal("near", Text(await lab.WarmAsync(new { request = PrefixLab.Start(model: "far"), model = "near" }), "model"));
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
