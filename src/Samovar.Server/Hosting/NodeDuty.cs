using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends.Models;
using Samovar.Relays;
using Samovar.Sessions;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Server.Hosting;

/// <summary>What this node has to do at the moment, as it tells the others.</summary>
/// <remarks>Those who know are asked for when they are needed first: some of them need to know the others, too.</remarks>
internal sealed class NodeDuty(IServiceProvider provider)
{
    private readonly Lazy<Parts> _parts = new(() => new(
        provider.GetRequiredService<TurnPipeline>(), provider.GetRequiredService<SessionTable>(),
        provider.GetRequiredService<TurnsElsewhere>(),
        provider.GetService<LocalModels>(), provider.GetRequiredService<TurnOptions>()));

    public NodeLoad Load()
    {
        var (pipeline, sessions, elsewhere, models, turns) = _parts.Value;
        var (streams, engine) = (models?.Only?.Model.Streams ?? 0, models?.Only?.Counters);
        return new NodeLoad
        {
            TurnsRunning = pipeline.Running,
            TurnsWaiting = pipeline.Waiting + (engine?.TurnsQueued ?? 0),
            Places = turns.RunningMax,
            Streams = streams,
            StreamsBusy = engine?.StreamsBusy ?? 0,
            ParkedBytes = engine?.ParkedBytes ?? 0,
            Connections = sessions.Count,
            TurnsRelayed = elsewhere.Running,
        };
    }

    /// <summary>This life is over: its turns are others' now.</summary>
    public void Leave() => _parts.Value.Pipeline.Live.LeaveToOthers();

    /// <summary>Those who know.</summary>
    private sealed record Parts(
        TurnPipeline Pipeline, SessionTable Sessions, TurnsElsewhere Elsewhere, LocalModels? Models, TurnOptions Turns);
}
