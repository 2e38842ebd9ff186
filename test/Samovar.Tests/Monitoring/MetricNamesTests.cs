using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;
using Samovar.Tests.Documents;

namespace Samovar.Tests.Monitoring;

/// <summary>What a server in front of two accounts says of its turns, by the names that dashboards are built on.</summary>
public sealed class MetricNamesTests
{
    private const string Ask = """{"type":"response.create","model":"m","store":false,"input":"one"}""";
    private const string Models =
        "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"samovar\",gen_ai_request_model=\"m\",gen_ai_response_model=\"fake-model\"";

    [Fact]
    public async Task TurnThatWentElsewhere_ShowsInEveryMetric()
    {
        await using var limited = await FakeUpstream.StartAsync("limited", FakeFault.TooMany);
        await using var fit = await FakeUpstream.StartAsync("fit");
        var settings = Settings(limited, fit);
        settings["Upstream:Pools:0:Destinations:0:Weight"] = "1000"; // the first turn goes there and meets the limit
        settings["Upstream:Pools:0:Destinations:1:Weight"] = "0.000001";
        await using var server = await RunningServer.StartAsync(null, settings);
        using var labels = new LabelWatch(server.Services.GetRequiredService<IMeterFactory>());
        await using var client = await server.ConnectAsync();
        for (var turn = 0; turn < 4; turn++)
        {
            await client.SendAsync(Ask);
            await client.ReceiveTurnAsync();
        }

        const string ended = "{" + Models + ",samovar_outcome=\"completed\"";
        var answer = await ScrapeAsync(server, $"gen_ai_server_request_duration_seconds_count{ended}}} 4\n");
        Has(answer, $"gen_ai_server_request_duration_seconds_bucket{ended},le=\"81.92\"}} 4\n");
        Has(answer, "gen_ai_server_time_to_first_token_seconds_bucket{" + Models + ",le=\"0.001\"}");
        const string asked = "{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"fake-model\",";
        Has(answer, $"gen_ai_client_operation_duration_seconds_count{asked}server_address=\"127.0.0.1\"");
        Has(answer, $"gen_ai_client_token_usage_bucket{asked}");
        const string atLimited = "samovar_pool=\"p\",samovar_destination=\"limited\"";
        const string atFit = "samovar_pool=\"p\",samovar_destination=\"fit\"";
        Assert.Matches($"gen_ai_client_operation_duration_seconds_count\\{{.*{atLimited},error_type=\"rate_limited\"\\}} 1\n", answer);
        Has(answer, $"samovar_upstream_retry_after_seconds{{{atLimited},samovar_reason=\"cooldown\"}}");
        Has(answer, $"samovar_upstream_load_ratio{{{atFit},samovar_limit=\"in_flight\"}} 0\n");
        Assert.Matches("samovar_turns_bytes_total\\{samovar_direction=\"up\"\\} [1-9]", answer);
        Has(answer, "samovar_sessions_open 1\n");
        Assert.DoesNotContain("samovar_tenant", answer, StringComparison.Ordinal);
        labels.AreAllDeclared();
    }

    [Fact]
    public async Task NamesThatNobodyProved_AreNoLabels_AndTenantsOnlyWhenAsked()
    {
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.Invalid);
        var settings = Settings(upstream);
        settings["Upstream:Pools:0:Destinations:0:Models:0"] = "*";
        settings["Metrics:TenantLabel"] = "true";
        await using var server = await RunningServer.StartAsync(null, settings);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Ask.Replace("\"m\"", "\"made-up\"", StringComparison.Ordinal));
        await client.ReceiveTurnAsync();
        const string series =
            "gen_ai_request_model=\"_OTHER\",samovar_outcome=\"refused\",error_type=\"invalid_value\",samovar_tenant=\"local\"";
        var answer = await ScrapeAsync(server, series + "} 1\n");
        Assert.DoesNotContain("made-up", answer, StringComparison.Ordinal);
    }

    private static void Has(string answer, string part) => Assert.Contains(part, answer, StringComparison.Ordinal);

    /// <summary>A turn is counted just after its last event went out.</summary>
    private static async Task<string> ScrapeAsync(RunningServer server, string until)
    {
        while (true)
        {
            var answer = await server.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Soon.Token);
            if (answer.Contains(until, StringComparison.Ordinal)) return answer;
            Assert.False(TestContext.Current.CancellationToken.IsCancellationRequested, answer);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static Dictionary<string, string?> Settings(params FakeUpstream[] upstreams)
    {
        var settings = new Dictionary<string, string?> { ["Upstream:Pools:0:Name"] = "p" };
        for (var i = 0; i < upstreams.Length; i++)
        {
            var at = $"Upstream:Pools:0:Destinations:{i}:";
            (settings[at + "Name"], settings[at + "Kind"]) = (upstreams[i].Name, "responses-ws");
            (settings[at + "BaseUrl"], settings[at + "Models:0"]) = (upstreams[i].BaseUrl, "m=fake-model");
            settings[at + "InFlightMax"] = "8";
        }
        return settings;
    }

    /// <summary>Holds every measurement to the labels that its instrument, and so docs/metrics.md, declares.</summary>
    private sealed class LabelWatch : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<(Instrument, string), bool> _seen = [];

        public LabelWatch(IMeterFactory factory)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Meter.Name.StartsWith("Samovar.", StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => See(instrument, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => See(instrument, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => See(instrument, tags));
            _listener.Start();
        }

        public void AreAllDeclared()
        {
            _listener.RecordObservableInstruments();
            Assert.True(_seen.Count > 30, $"only {_seen.Count} labels were seen");
            Assert.All(_seen.Keys, seen => Assert.Contains(seen.Item2, MetricsPage.LabelsOf(seen.Item1)));
        }

        public void Dispose() => _listener.Dispose();

        private void See(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (name, _) in tags) _seen[(instrument, name)] = true;
        }
    }
}
