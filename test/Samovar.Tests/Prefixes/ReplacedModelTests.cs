using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Backends.Models;
using Samovar.Prefixes;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Models;

namespace Samovar.Tests.Prefixes;

/// <summary>A prefix of the settings, whose model is unloaded, replaced and loaded again.</summary>
public sealed class ReplacedModelTests : IDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "models");
    private static readonly string A = RandomModel.Ensure(Folder, RandomModelSize.Tiny, WeightType.F32, seed: 1);
    private static readonly string B = RandomModel.Ensure(Folder, RandomModelSize.Tiny, WeightType.F32, seed: 2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-replaced-");
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ConfiguredPrefix_IsWarmedForTheNewFile_UnderANewId()
    {
        var file = Path.Combine(_folder.FullName, "model.gguf");
        File.Copy(A, file);
        var one = await OneModelAsync(file);
        await using var lab = await StartAsync(file, ("Models:BytesMax", one));
        var table = lab.Server.Services.GetRequiredService<PrefixTable>();
        await Soon.UntilAsync(() => table.Of(null) is [{ Kept: not null, IsLost: false }]);
        var before = table.Of(null)[0];
        await lab.AskAsync(PrefixLab.Question("who?", model: "b")); // there is room for one
        await Soon.UntilAsync(() => before.IsLost);
        var other = file + ".new";
        File.Copy(B, other);
        File.Move(other, file, overwrite: true);
        await lab.AskAsync(PrefixLab.Question("who?", model: "a"));
        _time.Advance(TimeSpan.FromSeconds(15)); // the table looks
        await Soon.UntilAsync(() => table.Of(null) is [{ IsConfigured: true, IsLost: false, Kept: not null } now] && now.Id != before.Id);
        Assert.True((await lab.AskAsync(PrefixLab.Question("what else?", model: "a"))).Cached >= before.Plan.Path.Length - 1);
    }

    private Task<PrefixLab> StartAsync(string file, params (string Key, string Value)[] more)
    {
        var body = System.Text.Json.JsonSerializer.Serialize(PrefixLab.Start(model: "a"));
        return PrefixLab.StartAsync(
            services => services.AddSingleton(provider => new PrefixTable(
                provider.GetRequiredService<PrefixesOptions>(), provider.GetRequiredService<PrefixNames>(), _time,
                provider.GetRequiredService<PrefixMetrics>(), provider.GetRequiredService<ILogger<PrefixTable>>())),
            [
                ("Models:Served:a:Path", file), ("Models:Served:b:Path", B), ("Models:WholeWaitMax", "00:05:00"),
                ("Models:Served:a:ParkedBytesMax", "67108864"), ("Models:Served:b:ParkedBytesMax", "67108864"),
                ("Prefixes:Warm:crew:Body", body), ("Prefixes:Warm:crew:Tenant", "alice"), .. more,
            ], hasModel: false);
    }

    private async Task<string> OneModelAsync(string file)
    {
        await using var roomy = await StartAsync(file);
        var bytes = await Soon.In(roomy.Server.Services.GetRequiredService<IModelLoader>().MeasureAsync("a"));
        return (bytes.Total + (64 << 20)).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
