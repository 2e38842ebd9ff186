using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;

namespace Samovar.Server.Hosting;

/// <summary>Takes over changed pools. Running turns and open sockets go on with what they began with.</summary>
internal sealed class PoolsReload(IEnumerable<IValidateOptions<UpstreamOptions>> checks, PoolTable pools, UpstreamDrivers drivers)
{
    /// <summary>Pools in force.</summary>
    public int Count => pools.Current.Count;

    /// <returns>What is wrong with the pools of a configuration.</returns>
    public IReadOnlyList<string> Faults(IConfiguration read) =>
        [.. checks.Select(check => check.Validate(Options.DefaultName, Of(read))).Where(result => result.Failed)
            .SelectMany(result => result.Failures!)];

    /// <summary>The pools of a configuration, which is not in force yet.</summary>
    /// <exception cref="InvalidOperationException">A key that was there is there no more.</exception>
    public List<Pool> Made(IConfiguration read) => pools.Made(Of(read));

    public void Apply(List<Pool> made)
    {
        pools.Apply(made);
        drivers.KeepOnly(pools.Current.SelectMany(pool => pool.Destinations));
    }

    private static UpstreamOptions Of(IConfiguration read) => read.GetSection(UpstreamOptions.Section).Get<UpstreamOptions>() ?? new();
}
