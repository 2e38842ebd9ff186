using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends.Models;
using Samovar.Budgets;
using Samovar.Engine;

namespace Samovar.Server.Hosting;

/// <summary>Has the memory and the counts of engines seen: what they hold counts as the process's, what they do is a metric.</summary>
internal static class EngineWatch
{
    public static void Begin(IServiceProvider provider, LocalModels models)
    {
        provider.GetRequiredService<MemoryShares>().WatchEngine(
            () => models.All.Sum(static model => model.Counters.ParkedBytes),
            () => models.Loaded.Sum(static model => model.Memory?.CellsBytes ?? 0));
        EngineGauges.Watch(
            provider.GetRequiredService<IMeterFactory>(), models, provider.GetRequiredService<EngineOptions>().QueueMax);
    }
}
