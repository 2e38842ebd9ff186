using System.Diagnostics.Metrics;
using Samovar.Engine;
using Samovar.Metering;

namespace Samovar.Backends.Models;

/// <summary>The engines' own counts as instruments, read whenever somebody asks; the decoding threads know nothing of them.</summary>
/// <remarks>Models that have names are told apart by a label; a single one has none.</remarks>
internal static class EngineGauges
{
    public const string MeterName = "Samovar.Engine";
    private const string Model = Labels.RequestModel;

    /// <param name="queueMax">Turns that may wait for a stream of one model.</param>
    public static void Watch(IMeterFactory meters, LocalModels models, int queueMax)
    {
        var meter = meters.Create(MeterName);
        Count(meter, models);
        Show(meter, models, queueMax);
        if (models.AreNamed) WatchModels(meter, models);
    }

    private static void Count(Meter meter, LocalModels models)
    {
        Counter("turns", "{turn}", "Turns that the engine began.", now => now.Turns);
        Counter("refusals", "{turn}", "Turns refused because the queue was full.", now => now.Refusals);
        Counter("batches", "{batch}", "Decodes.", now => now.Batches);
        Counter("parks", "{sequence}", "Sequences copied to host memory to make room.", now => now.Parks);
        Counter("restores", "{sequence}", "Sequences copied back from host memory.", now => now.Restores);
        Counter("evictions", "{segment}", "Parked pieces that were given up: their next turn computes them again.", now => now.Evictions);
        Counter("disk_writes", "{file}", "Files of state that were written.", now => now.DiskWrites);
        Counter("disk_reads", "{file}", "Files of state that were read for a turn.", now => now.DiskReads);
        Counter("disk_tokens", "{token}", "Tokens whose state came from files.", now => now.DiskTokens);
        Counter("disk_refused", "{file}", "Files that were torn, changed, or of another model, version or key, and were deleted.",
            now => now.DiskRefused);
        Counter("disk_failures", "{write}", "Files of state that could not be written.", now => now.DiskFailures);
        Counter("disk_skipped", "{file}", "Pieces of state that were not written because too much waited for the disk.",
            now => now.DiskSkipped);
        Counter("preemptions", "{turn}", "Turns whose stream was taken back between tokens for another flow's; they went on later.",
            now => now.Preemptions);
        Counter("background_tokens", "{token}", "Prompt tokens that were computed for a next question before it came.",
            now => now.BackgroundTokens);
        Counter("drafted_tokens", "{token}", "Tokens that were guessed from the context and computed beside the next one.",
            now => now.DraftedTokens);
        Counter("draft_accepted_tokens", "{token}", "Of these the ones that the model then said: each saved a batch.",
            now => now.AcceptedTokens);
        Counter("output_tokens", "{token}", "Tokens that were sampled.", now => now.OutputTokens);
        meter.CreateObservableCounter("samovar.engine.prompt_tokens",
            () => models.All.SelectMany(model => new[]
            {
                Of(models, model, model.Counters.PrefilledTokens, new(Labels.TokenKind, "new")),
                Of(models, model, model.Counters.CachedTokens, new(Labels.TokenKind, "cached")),
            }),
            "{token}", "Prompt tokens: new (computed now), cached (their state was held, restored or shared).",
            Labels.Are(Labels.TokenKind, Model));

        void Counter(string name, string unit, string what, Func<EngineCounters, long> read) =>
            meter.CreateObservableCounter("samovar.engine." + name,
                () => models.All.Select(model => Of(models, model, read(model.Counters))), unit, what, Labels.Are(Model));
    }

    private static void Show(Meter meter, LocalModels models, int queueMax)
    {
        Gauge("running", "{turn}", "Turns that run.", now => now.Counters.TurnsRunning);
        Gauge("queued", "{turn}", "Turns that wait for a stream.", now => now.Counters.TurnsQueued);
        Gauge("queue_limit", "{turn}", "Turns that may wait; one more is refused.", _ => queueMax);
        Gauge("streams", "{stream}", "Streams: turns that may run at once.", now => now.Engine!.Model.Streams);
        Gauge("streams_held", "{stream}", "Streams that hold the state of a conversation that waits.", now => now.Counters.StreamsHeld);
        Gauge("stream_tokens", "{token}", "Tokens whose state streams hold.", now => now.Counters.StreamTokens);
        Gauge("parked", "By", "Host memory of parked conversations.", now => now.Counters.ParkedBytes);
        Gauge("disk", "By", "Bytes of the files that state is kept in.", now => now.Counters.DiskBytes);
        Gauge("disk_limit", "By", "Bytes that they may take.", now => now.Counters.DiskBytesMax);
        Gauge("parked_limit", "By", "Host memory that they may take.", now => now.Counters.ParkedBytesMax);

        void Gauge(string name, string unit, string what, Func<ModelCondition, long> read) =>
            meter.CreateObservableGauge("samovar.engine." + name, () => models.Loaded.Select(model => Of(models, model, read(model))),
                unit, what, Labels.Are(Model));
    }

    private static void WatchModels(Meter meter, LocalModels models)
    {
        Gauge("bytes", "By", "Memory of a loaded model: its weights, its cells, and what it may park.", now => now.Bytes);
        Gauge("device_bytes", "By", "Of these, what lies in a GPU's memory.", now => now.DeviceBytes);
        Gauge("uses", "{turn}", "Turns and counts that use a model now: it stays loaded meanwhile.", now => now.Uses);
        Gauge("waiting", "{turn}", "Turns that are held until their model is loaded.", now => now.Waiting);
        Counter("loads", "{load}", "Loads of a model.", now => now.Loads);
        Counter("unloads", "{unload}", "Models that made room for others, or were idle for long.", now => now.Unloads);
        Counter("load_failures", "{load}", "Loads that failed.", now => now.Failures);
        meter.CreateObservableGauge("samovar.models.state",
            () => models.All.Select(model => Of(models, model, 1, new(Labels.State, ModelStates.NameOf(model.State)))), "{model}",
            "1 for the state that a model is in: unloaded, queued, loading, loaded, unloading, failed.",
            Labels.Are(Labels.State, Model));

        void Gauge(string name, string unit, string what, Func<ModelCondition, long> read) =>
            meter.CreateObservableGauge("samovar.models." + name, () => models.All.Select(model => Of(models, model, read(model))),
                unit, what, Labels.Are(Model));

        void Counter(string name, string unit, string what, Func<ModelCondition, long> read) =>
            meter.CreateObservableCounter("samovar.models." + name, () => models.All.Select(model => Of(models, model, read(model))),
                unit, what, Labels.Are(Model));
    }

    private static Measurement<long> Of(LocalModels models, ModelCondition model, long value, KeyValuePair<string, object?>? more = null)
    {
        KeyValuePair<string, object?>[] name = models.AreNamed ? [new(Model, model.Name)] : [];
        return new(value, more is { } label ? [label, .. name] : name);
    }
}
