using System.Diagnostics.Metrics;
using Samovar.Engine;
using Samovar.Metering;

namespace Samovar.Backends.Embedded;

/// <summary>The engine's own counts as instruments, read whenever somebody asks; the decoding thread knows nothing of them.</summary>
internal static class EngineGauges
{
    public const string MeterName = "Samovar.Engine";

    public static void Watch(IMeterFactory meters, ISequenceEngine engine, EngineOptions options)
    {
        var meter = meters.Create(MeterName);
        Count(meter, engine);
        Show(meter, engine, options);
    }

    private static void Count(Meter meter, ISequenceEngine engine)
    {
        Counter("turns", "{turn}", "Turns that the engine began.", now => now.Turns);
        Counter("refusals", "{turn}", "Turns refused because the queue was full.", now => now.Refusals);
        Counter("batches", "{batch}", "Decodes.", now => now.Batches);
        Counter("parks", "{sequence}", "Sequences copied to host memory to make room.", now => now.Parks);
        Counter("restores", "{sequence}", "Sequences copied back from host memory.", now => now.Restores);
        Counter("evictions", "{segment}", "Parked pieces that were given up: their next turn computes them again.", now => now.Evictions);
        Counter("preemptions", "{turn}", "Turns whose stream was taken back between tokens for another flow's; they went on later.",
            now => now.Preemptions);
        Counter("background_tokens", "{token}", "Prompt tokens that were computed for a next question before it came.",
            now => now.BackgroundTokens);
        Counter("output_tokens", "{token}", "Tokens that were sampled.", now => now.OutputTokens);
        Counter("drafted_tokens", "{token}", "Tokens that were guessed from the context and computed beside the next one.",
            now => now.DraftedTokens);
        Counter("draft_accepted_tokens", "{token}", "Of these the ones that the model then said: each saved a batch.",
            now => now.AcceptedTokens);
        meter.CreateObservableCounter("samovar.engine.prompt_tokens",
            () => new Measurement<long>[]
            {
                new(engine.Counters.PrefilledTokens, new KeyValuePair<string, object?>(Labels.TokenKind, "new")),
                new(engine.Counters.CachedTokens, new KeyValuePair<string, object?>(Labels.TokenKind, "cached")),
            },
            "{token}", "Prompt tokens: new (computed now), cached (their state was held, restored or shared).",
            Labels.Are(Labels.TokenKind));

        void Counter(string name, string unit, string what, Func<EngineCounters, long> read) =>
            meter.CreateObservableCounter("samovar.engine." + name, () => read(engine.Counters), unit, what);
    }

    private static void Show(Meter meter, ISequenceEngine engine, EngineOptions options)
    {
        Gauge("running", "{turn}", "Turns that run.", now => now.TurnsRunning);
        Gauge("queued", "{turn}", "Turns that wait for a stream.", now => now.TurnsQueued);
        Gauge("queue_limit", "{turn}", "Turns that may wait; one more is refused.", _ => options.QueueMax);
        Gauge("streams", "{stream}", "Streams: turns that may run at once.", _ => engine.Model.Streams);
        Gauge("streams_held", "{stream}", "Streams that hold the state of a conversation that waits.", now => now.StreamsHeld);
        Gauge("parked", "By", "Host memory of parked conversations.", now => now.ParkedBytes);
        Gauge("parked_limit", "By", "Host memory that they may take.", now => now.ParkedBytesMax);

        void Gauge(string name, string unit, string what, Func<EngineCounters, long> read) =>
            meter.CreateObservableGauge("samovar.engine." + name, () => read(engine.Counters), unit, what);
    }
}
