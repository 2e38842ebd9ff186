using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Engine;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Backends.Embedded;

public sealed class TemplateHealthTests
{
    [Fact]
    public async Task Health_NamesTheConstruct_WhereTheModelsTemplateCannotBeUsed()
    {
        var talk = new Talk(Families.ChatMl with { Template = "a\n{% trans %}b{% endtrans %}" });
        var template = (await HealthAsync(talk)).GetProperty("template");
        Assert.Equal("chatml", template.GetProperty("used").GetString());
        Assert.Equal((2, 4), (template.GetProperty("line").GetInt32(), template.GetProperty("column").GetInt32()));
        Assert.Equal("{% trans %}", template.GetProperty("construct").GetString());
        Assert.Contains("'trans' is not known", template.GetProperty("fault").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_SaysThatTheModelsTemplateIsUsed()
    {
        var template = (await HealthAsync(new Talk(Families.ChatMl))).GetProperty("template");
        Assert.Equal("model", template.GetProperty("used").GetString());
        Assert.False(template.TryGetProperty("fault", out _));
    }

    private static async Task<JsonElement> HealthAsync(Talk talk)
    {
        await using var server = await RunningServer.StartAsync(
            talk.Backend, configure: services => services.AddSingleton<ISequenceEngine>(talk.Engine));
        var text = await server.Http.GetStringAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        return JsonDocument.Parse(text).RootElement;
    }
}
