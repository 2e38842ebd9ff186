using Samovar.Backends.Embedded;
using Samovar.Engine;

namespace Samovar.Backends.Models;

/// <summary>A model that is loaded.</summary>
internal interface ILoadedModel : IAsyncDisposable
{
    /// <summary>What runs its turns.</summary>
    IBackend Backend { get; }

    ISequenceEngine Engine { get; }

    /// <summary>Its weights and cells, and what it may park.</summary>
    ModelMemory Memory { get; }

    /// <summary>The same by where it lies.</summary>
    ModelBytes Bytes { get; }

    /// <summary>What its template turned out to be; null where it has none.</summary>
    TemplateReading? Template { get; }
}

/// <summary>Loads models by their names.</summary>
internal interface IModelLoader
{
    /// <summary>Every model that there is, in the order in which lists show them.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>
    /// What the device that models are loaded onto has for their weights and cells; 0 where there is none, or before the first of them was
    /// measured.
    /// </summary>
    long DeviceBytesMax { get; }

    /// <summary>What a model will take, as far as its file shows; throws where it cannot be read.</summary>
    Task<ModelBytes> MeasureAsync(string name);

    /// <summary>Loads it. Cannot be stopped; throws where it cannot be loaded, and the message says why.</summary>
    Task<ILoadedModel> LoadAsync(string name);
}
