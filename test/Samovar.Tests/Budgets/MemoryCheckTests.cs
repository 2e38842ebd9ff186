using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Server.Hosting;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Budgets;

/// <summary>The shares fit the memory that there is, by themselves or not at all.</summary>
public sealed class MemoryCheckTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(1536)]
    [InlineData(2048)]
    [InlineData(24_000)]
    public async Task DefaultShares_FitTheMemory(int mebibytes)
    {
        await using var host = Build(mebibytes, []);
        Assert.Empty(SamovarHost.Check(host));
        var memory = host.Services.GetRequiredService<MemoryShares>();
        Assert.InRange(memory.Budget.BytesMax, 1, (long)mebibytes << 20);
        Assert.Equal(Math.Min(1L << 30, ((long)mebibytes << 20) / 100 * 8), host.Services.GetRequiredService<ChainOptions>().BytesMax);
    }

    [Fact]
    public async Task SharesThatDoNotFit_EndTheStart_WithTheirNames()
    {
        await using var app = Build(1024, new() { ["Chains:BytesMax"] = "900000000", ["Memory:LogsBytesMax"] = "500000000" });
        var error = Assert.Single(SamovarHost.Check(app));
        Assert.Contains("logs 476", error, StringComparison.Ordinal);
        Assert.Contains("of 1024 MiB", error, StringComparison.Ordinal);
        Assert.Contains("Chains:BytesMax", error, StringComparison.Ordinal);
        await using var more = Build(1024, new() { ["Chains:BytesMax"] = "900000000", ["Memory:BytesMax"] = "4000000000" });
        Assert.Empty(SamovarHost.Check(more));
    }

    [Theory]
    [InlineData("Chains:BytesMax")]
    [InlineData("Sessions:RetainedBytesTotalMax")]
    [InlineData("ContentIndex:BytesMax")]
    public async Task WrongValueOfAShare_IsSaidOnce_ByItsOwnSection(string name)
    {
        await using var host = Build(1024, new() { [name] = "-1" });
        var error = Assert.Single(SamovarHost.Check(host));
        Assert.Contains(name, error, StringComparison.Ordinal);
        Assert.DoesNotContain("Memory:", error, StringComparison.Ordinal);
    }

    private static WebApplication Build(int mebibytes, Dictionary<string, string?> settings) => SamovarHost.Build(
        settings, null, services =>
        {
            services.AddSingleton(new MachineMemory((long)mebibytes << 20));
            services.AddSingleton<IBackend>(new ScriptedBackend(new IdSource()));
        });
}
