using System.Net.Http.Json;
using Samovar.Testing;
using Samovar.Testing.Upstreams;
using Samovar.Tests.Hosting;

namespace Samovar.Tests.Monitoring.Otlp;

/// <summary>The variables of every OpenTelemetry program, and no setting of our own, in a process that has them.</summary>
public sealed class OtlpEnvironmentTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Fact]
    public async Task EndpointAlone_ExportsTracesAndMetrics()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await ServeOneTurnAsync(new() { [Endpoint] = collector.Endpoint });
        Assert.Contains(collector.Spans, span => span.Name == "chat m");
        Assert.Contains(collector.Metrics, metric => metric.Name.StartsWith("samovar.", StringComparison.Ordinal));
        Assert.Equal("samovar", collector.Resource["service.name"]);
    }

    [Fact]
    public async Task NameAndHeaders_AreTheOperators()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await ServeOneTurnAsync(new()
        {
            [Endpoint] = collector.Endpoint, ["OTEL_SERVICE_NAME"] = "teapot", ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-team=blue",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });
        Assert.Equal("teapot", collector.Resource["service.name"]);
        Assert.Equal("blue", collector.Headers!["x-team"]);
    }

    [Fact]
    public async Task EndpointOfOneSignal_ExportsThatAlone()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await ServeOneTurnAsync(new() { ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = collector.Endpoint + "/v1/traces" });
        Assert.NotEmpty(collector.Spans);
        Assert.Empty(collector.Metrics);
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true", Endpoint)]
    [InlineData("OTEL_TRACES_EXPORTER", "none", Endpoint)]
    [InlineData("OTEL_SDK_DISABLED", "true", "SAMOVAR_Monitoring__OtlpEndpoint")]
    [InlineData("OTEL_TRACES_EXPORTER", "none", "SAMOVAR_Monitoring__OtlpEndpoint")]
    public async Task WhatIsTurnedOff_IsNotSent(string variable, string value, string endpoint)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await ServeOneTurnAsync(new() { [endpoint] = collector.Endpoint, [variable] = value });
        Assert.Empty(collector.Spans);
        Assert.Equal(variable == "OTEL_SDK_DISABLED", collector.Metrics.Count == 0);
    }

    private static async Task ServeOneTurnAsync(Dictionary<string, string> environment)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "starts a process by the shell");
        await using var upstream = await FakeUpstream.StartAsync("a");
        foreach (var (key, value) in upstream.Settings("chat"))
            environment["SAMOVAR_" + key.Replace(":", "__", StringComparison.Ordinal)] = value!;
        environment["SAMOVAR_Upstream__AffinityPath"] = "";
        environment["SAMOVAR_Logging__LogLevel__Default"] = "Warning";
        await using var server = await ServerProcess.StartAsync("", environment);
        using var http = new HttpClient { BaseAddress = server.Address };
        using var answer = await http.PostAsJsonAsync("/v1/responses", new { model = "m", input = "hi" }, Soon.Token);
        answer.EnsureSuccessStatusCode();
        Assert.Equal(0, await server.TerminateAsync()); // the end exports what was not exported yet
    }
}
