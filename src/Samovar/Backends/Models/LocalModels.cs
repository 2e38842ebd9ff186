using Samovar.Engine;

namespace Samovar.Backends.Models;

/// <summary>The models of this process, loaded or not, for whoever shows them.</summary>
internal sealed class LocalModels(Func<IReadOnlyList<ModelCondition>> read)
{
    /// <summary>In the order in which lists show them.</summary>
    public IReadOnlyList<ModelCondition> All => read();

    /// <summary>Whether there may be others than the one that is loaded at start, or none is.</summary>
    public bool AreNamed { get; private init; } = true;

    /// <summary>Those that are loaded.</summary>
    public IReadOnlyList<ModelCondition> Loaded => [.. All.Where(static model => model.Engine is not null)];

    /// <summary>The engine of the one model that is loaded at start; null where models have names.</summary>
    public ISequenceEngine? Only => AreNamed ? null : All[0].Engine;

    /// <summary>One model that is loaded as long as the server runs.</summary>
    public static LocalModels Of(ISequenceEngine engine, ModelMemory? memory = null) => new(() =>
    [
        new ModelCondition(engine.Model.Name, ModelState.Loaded)
        {
            Engine = engine, Counters = engine.Counters, Loads = 1, Memory = memory, Bytes = memory?.Bytes ?? 0,
        },
    ]) { AreNamed = false };
}
