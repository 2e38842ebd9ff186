using Microsoft.Extensions.DependencyInjection;
using Samovar.Cli.Commands;
using Samovar.Server.Hosting;
using Samovar.Server.Settings;
using Xunit;

namespace Samovar.Tests.Hosting;

public sealed class NearSettingsTests : IAsyncLifetime
{
    private readonly Microsoft.AspNetCore.Builder.WebApplication _app = SamovarHost.Build([], variables: new Dictionary<string, string>());
    private readonly IReadOnlyList<SettingsSection> _sections;
    private readonly SettingNames _names;

    public NearSettingsTests()
    {
        _sections = [.. _app.Services.GetServices<SettingsSection>().DistinctBy(section => section.Name)];
        _names = new SettingNames(_sections, ServeSettings.Flags);
    }

    [Theory]
    // one level too high, too low, or past a list
    [InlineData("Upstream:Pools:0:Kind", "Upstream:Pools:0:Destinations:0:Kind")]
    [InlineData("Upstream:Pools:2:BaseUrl", "Upstream:Pools:2:Destinations:0:BaseUrl")]
    [InlineData("Upstream:Kind", "Upstream:Pools:0:Destinations:0:Kind")]
    [InlineData("Upstream:Destinations", "Upstream:Pools:0:Destinations")]
    [InlineData("Upstream:Destinations:3:KeyFile", "Upstream:Pools:0:Destinations:3:KeyFile")]
    [InlineData("Upstream:Pools:1:Destinations:0:PromptCacheKey", "Upstream:Pools:1:PromptCacheKey")]
    [InlineData("Upstream:Pools:1:RetriesMax", "Upstream:RetriesMax")]
    [InlineData("Destinations:0:Kind", "Upstream:Pools:0:Destinations:0:Kind")]
    [InlineData("Pools:4:QueueWaitMax", "Upstream:Pools:4:QueueWaitMax")]
    [InlineData("LogLevel:Default", "Logging:LogLevel:Default")]
    [InlineData("Logging:Default", "Logging:LogLevel:Default")]
    [InlineData("Server:Store:Kind", "Store:Kind")]
    // one too many, one too few
    [InlineData("Upstreams:Pools:0:Name", "Upstream:Pools:0:Name")]
    [InlineData("Upstream:Pool", "Upstream:Pools")]
    [InlineData("Upstreams:Pool:0:Destination:1:Kind", "Upstream:Pools:0:Destinations:1:Kind")]
    [InlineData("Upstream:Pools:0:Destination", "Upstream:Pools:0:Destinations")]
    [InlineData("Upstream:Pools:0:Alias", "Upstream:Pools:0:Aliases")]
    [InlineData("Servers:Port", "Server:Port")]
    [InlineData("Session:CountMax", "Sessions:CountMax")]
    [InlineData("StoredChain:AgeMax", "StoredChains:AgeMax")]
    // written as elsewhere
    [InlineData("server:data_path", "Server:DataPath")]
    [InlineData("Upstream:Pools:0:Destinations:0:base-url", "Upstream:Pools:0:Destinations:0:BaseUrl")]
    [InlineData("stored_chains:age_max", "StoredChains:AgeMax")]
    [InlineData("UPSTREAM_POOLS_0_QUEUE_MAX", "Upstream:Pools:0:QueueMax")]
    [InlineData("STORE_KIND", "Store:Kind")]
    [InlineData("DATA_PATH", "Server:DataPath")]
    // slips
    [InlineData("Upstream:Pools:0:Destinations:1:Knid", "Upstream:Pools:0:Destinations:1:Kind")]
    [InlineData("Upstream:Pools:0:Destinations:0:InFligtMax", "Upstream:Pools:0:Destinations:0:InFlightMax")]
    [InlineData("Upstraem:Polos:0:Nmae", "Upstream:Pools:0:Name")]
    [InlineData("Stroe:Kind", "Store:Kind")]
    [InlineData("Replay:KeptFr", "Replay:KeptFor")]
    [InlineData("Upstream:Pools:0:Destnations:0:Kind", "Upstream:Pools:0:Destinations:0:Kind")]
    // another section's
    [InlineData("Server:Streams", "Engine:Streams")]
    [InlineData("Engine:DataPath", "Server:DataPath")]
    [InlineData("Server:Ctx", "Engine:ContextTokens")]
    // nobody's
    [InlineData("Server:Frobnicate", null)]
    [InlineData("Frob:Nicate", null)]
    public void UnknownSetting_NamesTheNearest(string written, string? meant) => Assert.Equal(meant, _names.Nearest(written));

    [Fact]
    public void EverySetting_WithALetterLeftOut_IsFound_OrOneBesideIt()
    {
        foreach (var known in _sections.SelectMany(KnownPath.Of).Where(known => known.Parts.Count > 1 && known.Name.Length > 3))
        {
            var parent = string.Join(':', known.Parts.SkipLast(1));
            var found = _names.Nearest($"{parent}:{known.Name.Remove(known.Name.Length / 2, 1)}");
            Assert.StartsWith(parent + ":", found, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EverySetting_InASectionThatIsMisspelt_IsFound()
    {
        foreach (var known in _sections.SelectMany(KnownPath.Of).Where(known => known.Parts is [{ Length: > 3 }, _, ..]))
        {
            var written = string.Join(':', known.Parts.Skip(1).Prepend(known.Parts[0] + "x"));
            Assert.Equal(string.Join(':', known.Parts), _names.Nearest(written));
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
