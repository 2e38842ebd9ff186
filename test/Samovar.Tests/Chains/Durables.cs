using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Chains;
using Samovar.Chains.Durable;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

/// <summary>Makes durable stores.</summary>
internal static class Durables
{
    public static DurableChainStore Over(
        IChainRows rows, TestMeters meters, ChainOptions? options = null, TimeProvider? time = null, IStatePacking? states = null,
        ChainBounds? bounds = null) =>
        new(rows, states, options ?? new ChainOptions(), time ?? new ManualTime(), new ChainMetrics(meters),
            NullLogger<DurableChainStore>.Instance, bounds: bounds);
}
