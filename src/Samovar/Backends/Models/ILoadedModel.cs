using Samovar.Engine;

namespace Samovar.Backends.Models;

/// <summary>A model that is loaded.</summary>
internal interface ILoadedModel : IAsyncDisposable
{
    /// <summary>What runs its turns.</summary>
    IBackend Backend { get; }

    ISequenceEngine Engine { get; }

    /// <summary>Bytes of its weights and cells, and what it may park.</summary>
    long Bytes { get; }
}

/// <summary>Loads models by their names.</summary>
internal interface IModelLoader
{
    /// <summary>Every model that there is, in the order in which lists show them.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>What a model will take, as far as its file shows; throws where it cannot be read.</summary>
    Task<long> MeasureAsync(string name);

    /// <summary>Loads it. Cannot be stopped; throws where it cannot be loaded, and the message says why.</summary>
    Task<ILoadedModel> LoadAsync(string name);
}
