using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Samovar.Server.Settings;

/// <summary>What the caller gives, mostly from its command line.</summary>
internal sealed class GivenSource(IEnumerable<KeyValuePair<string, string?>> settings) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) =>
        new GivenProvider(new MemoryConfigurationSource { InitialData = settings });
}

/// <summary>Tells these settings from others that are in memory.</summary>
internal sealed class GivenProvider(MemoryConfigurationSource source) : MemoryConfigurationProvider(source);
