using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Protocol.Ids;
using Samovar.Templates.Values;

namespace Samovar.Server.Hosting;

/// <summary>Loads the models that the settings name, each into an engine of its own, with its own settings over those of all.</summary>
internal sealed class ServedModelLoader : IModelLoader
{
    private readonly ModelsOptions _models;
    private readonly EngineOptions _engine;
    private readonly EmbeddedOptions _embedded;
    private readonly string _dataPath;
    private readonly TimeProvider _time;
    private readonly IdSource _ids;
    private readonly ILoggerFactory _loggers;
    private readonly EngineLog _log;
    private readonly StateSecret _secret;
    private readonly IDeviceTrial? _trial;
    private long? _deviceBytesMax; // of the pool's one task

    public ServedModelLoader(ServedSettings settings, TimeProvider time, IdSource ids, ILoggerFactory loggers, EngineLog log,
        StateSecret secret, IDeviceTrial? trial = null)
    {
        (_models, _engine, _embedded, _dataPath) = (settings.Models, settings.Engine, settings.Embedded, settings.Server.DataPath);
        (_time, _ids, _loggers, _log, _secret) = (time, ids, loggers, log, secret);
        _trial = trial is null ? null : new TrialsMade(trial);
        Names = [.. _models.Served.Keys];
        LlamaLibrary.LogLine = log.Take;
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Host memory that a model may use for conversations that wait: its own setting, else an equal part.</summary>
    public static long ParkedBytes(ModelsOptions models, EngineOptions engine, ServedModelOptions model) =>
        model.ParkedBytesMax ?? engine.ParkedBytesMax / Math.Max(1, models.Served.Count);

    public long DeviceBytesMax => _deviceBytesMax ?? 0;

    public Task<ModelBytes> MeasureAsync(string name) => Task.Run(() =>
    {
        var options = EngineOf(name, _models.Served[name]);
        var room = _deviceBytesMax ??= EngineMemory.DeviceRoom(options, _trial); // before anything lies there
        return ModelBytes.Expected(EngineMemory.Expected(options, room), room);
    });

    /// <summary>On a thread of its own: it reads for seconds.</summary>
    public Task<ILoadedModel> LoadAsync(string name) => Task.Factory.StartNew<ILoadedModel>(
        () => Load(name, _models.Served[name]), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private LoadedModel Load(string name, ServedModelOptions model)
    {
        var options = EngineOf(name, model);
        var engine = LlamaEngine.Load(options, _time, _trial, _secret.Of(options));
        try
        {
            DeviceNote.Write(_loggers.CreateLogger<LlamaEngine>(), engine.Model.Device);
            _log.Check(options, engine.Model);
            var backend = new EmbeddedBackend(engine, EmbeddedOf(name, model), _time, _ids, _loggers.CreateLogger<EmbeddedBackend>());
            return new LoadedModel(backend, engine, EngineMemory.Held(options, engine.Model));
        }
        catch (TemplateException fault)
        {
            engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw new EngineLoadException($"Its chat template cannot be used: {fault.Message}", fault);
        }
        catch
        {
            engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    private EngineOptions EngineOf(string name, ServedModelOptions model)
    {
        var options = _engine.Copy();
        options.ModelPath = PulledModels.Find(model.Path, _dataPath).Path;
        options.ContextTokens = model.ContextTokens ?? options.ContextTokens;
        options.Streams = model.Streams ?? options.Streams;
        options.KvType = model.KvType ?? options.KvType;
        options.ParkedBytesMax = ParkedBytes(_models, _engine, model);
        options.ModelsOfDisk = Math.Max(1, _models.Served.Count);
        if (options.DiskBytesMax > 0) options.DiskBytesMax /= options.ModelsOfDisk;
        options.DiskPath = Path.Combine(_dataPath, options.DiskPath, Uri.EscapeDataString(name));
        return options;
    }

    private EmbeddedOptions EmbeddedOf(string name, ServedModelOptions model)
    {
        var options = _embedded.Copy();
        options.ModelName = name;
        options.TemplatePath = model.TemplatePath ?? options.TemplatePath;
        options.Dialect = model.Dialect ?? options.Dialect;
        options.Temperature = model.Temperature ?? options.Temperature;
        options.TopP = model.TopP ?? options.TopP;
        options.TopK = model.TopK ?? options.TopK;
        options.MinP = model.MinP ?? options.MinP;
        options.RepeatPenalty = model.RepeatPenalty ?? options.RepeatPenalty;
        return options;
    }

    private sealed record LoadedModel(EmbeddedBackend Embedded, ISequenceEngine Engine, ModelMemory Memory) : ILoadedModel
    {
        public IBackend Backend => Embedded;
        public ModelBytes Bytes { get; } = ModelBytes.Held(Memory, Engine.Model.Device);
        public TemplateReading Template => Embedded.Template;

        public async ValueTask DisposeAsync()
        {
            await Embedded.DisposeAsync(); // it may compute histories meanwhile
            await Engine.DisposeAsync();
        }
    }

    /// <summary>A device that has shown that it works is not tried again for the next model.</summary>
    private sealed class TrialsMade(IDeviceTrial trial) : IDeviceTrial
    {
        private readonly HashSet<(string, string)> _passed = []; // one load at a time

        public string? FaultOf(string folder, string device)
        {
            if (_passed.Contains((folder, device))) return null;
            var fault = trial.FaultOf(folder, device);
            if (fault is null) _passed.Add((folder, device));
            return fault;
        }
    }
}

/// <summary>The settings that a model's own stand over.</summary>
internal sealed record ServedSettings(ModelsOptions Models, EngineOptions Engine, EmbeddedOptions Embedded, ServerOptions Server);
