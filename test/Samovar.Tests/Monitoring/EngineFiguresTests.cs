using System.Globalization;
using Samovar.Cli.Top;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Monitoring;

/// <summary>The engine's figures, on libllama itself: what clients get to see, metrics show, too.</summary>
public sealed class EngineFiguresTests
{
    [Fact]
    public async Task TokensOfTheEngine_AreThoseOfTheAnswers()
    {
        var model = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "4096", ["Engine:Streams"] = "2", ["Engine:Threads"] = "1",
        });
        await using var client = await server.ConnectAsync();
        var (input, cached, previous) = (0, 0, "");
        for (var turn = 0; turn < 3; turn++)
        {
            var parent = turn == 0 ? "" : $"\"previous_response_id\":\"{previous}\",";
            await client.SendAsync($$"""{"type":"response.create",{{parent}}"store":false,"input":"go on","max_output_tokens":16}""");
            var response = (await client.ReceiveTurnAsync())[^1].GetProperty("response");
            previous = response.GetProperty("id").GetString()!;
            var usage = response.GetProperty("usage");
            input += usage.GetProperty("input_tokens").GetInt32();
            cached += usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();
        }
        Assert.True(cached > 0);

        var seen = await server.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Soon.Token);
        Has(seen, "samovar_engine_turns_total 3\n");
        Has(seen, Line("samovar_engine_prompt_tokens_total{samovar_token_kind=\"cached\"}", cached));
        Has(seen, Line("samovar_engine_prompt_tokens_total{samovar_token_kind=\"new\"}", input - cached));
        Has(seen, "samovar_engine_streams 2\n");
        Has(seen, "samovar_engine_queue_limit 256\n");

        using var top = new StatusClient(server.Address, null);
        var output = new StringWriter(CultureInfo.InvariantCulture);
        Assert.Equal(0, await TopCommand.PrintAsync(top, output, TextWriter.Null, TestContext.Current.CancellationToken));
        Has(output.ToString(), $"{input - cached} computed, {cached} cached");
    }

    private static string Line(string name, int value) => string.Create(CultureInfo.InvariantCulture, $"{name} {value}\n");

    private static void Has(string seen, string part) => Assert.Contains(part, seen, StringComparison.Ordinal);
}
