using System.Collections.Concurrent;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Testing;
using Samovar.Testing.Engines;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Backends.Models;

/// <summary>Models that are loaded when a test says so.</summary>
internal sealed class FakeLoader(SeededIds ids, params string[] names) : IModelLoader
{
    private int _loading;

    public IReadOnlyList<string> Names => names;

    /// <summary>What each takes; 100 unless said.</summary>
    public Dictionary<string, long> Bytes { get; } = [];

    /// <summary>What their files say that they take.</summary>
    public Dictionary<string, long> Measured { get; } = [];

    /// <summary>Where a load waits; one without a gate ends at once.</summary>
    public ConcurrentDictionary<string, PhaseGate> Gates { get; } = [];

    /// <summary>What goes wrong with a model.</summary>
    public ConcurrentDictionary<string, Exception> Faults { get; } = [];

    /// <summary>Loads in their order, and the most at once.</summary>
    public List<string> Loads { get; } = [];
    public int AtOnceMax { get; private set; }

    /// <summary>Bytes of what is loaded, and the most of them.</summary>
    public long Held { get; private set; }
    public long HeldMax { get; private set; }

    /// <summary>Called when a model is unloaded.</summary>
    public Action<string>? Unloaded { get; set; }

    /// <summary>What the engine of each counts while it is loaded.</summary>
    public EngineCounters Counters { get; set; } = new();

    /// <summary>What a GPU has, on which all that is not parked lies.</summary>
    public long DeviceBytesMax { get; set; }

    public Task<ModelBytes> MeasureAsync(string name) =>
        Task.FromResult(ModelBytes.Expected(MemoryOf(Measured.GetValueOrDefault(name, BytesOf(name))), DeviceBytesMax));

    public async Task<ILoadedModel> LoadAsync(string name)
    {
        AtOnceMax = Math.Max(AtOnceMax, Interlocked.Increment(ref _loading));
        try
        {
            lock (Loads) Loads.Add(name);
            if (Gates.TryGetValue(name, out var gate)) await gate.PassAsync(CancellationToken.None);
            if (Faults.TryGetValue(name, out var fault)) throw fault;
            Held += BytesOf(name);
            HeldMax = Math.Max(HeldMax, Held);
            return new Model(this, name);
        }
        finally
        {
            Interlocked.Decrement(ref _loading);
        }
    }

    /// <summary>A tenth may be parked.</summary>
    private static ModelMemory MemoryOf(long bytes) => new(MemoryKind.Plain, bytes - bytes / 10, 0, bytes / 10);

    private long BytesOf(string name) => Bytes.GetValueOrDefault(name, 100);

    private sealed class Model(FakeLoader loader, string name) : ILoadedModel
    {
        public IBackend Backend { get; } = new ScriptedBackend(loader.Ids);
        public ISequenceEngine Engine { get; } = new FakeEngine(new FakeTokenizer([]), "") { Counters = loader.Counters };
        public ModelMemory Memory => MemoryOf(loader.BytesOf(name));
        public ModelBytes Bytes => ModelBytes.Expected(Memory, loader.DeviceBytesMax);
        public TemplateReading? Template => null;

        public ValueTask DisposeAsync()
        {
            loader.Held -= Bytes.Total;
            loader.Unloaded?.Invoke(name);
            return ValueTask.CompletedTask;
        }
    }

    private SeededIds Ids => ids;
}
