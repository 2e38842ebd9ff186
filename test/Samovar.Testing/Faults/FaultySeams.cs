using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Samovar.Accounting;
using Samovar.Chains;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Stores;

namespace Samovar.Testing.Faults;

/// <summary>Names that may fail to come.</summary>
internal sealed class FaultyIds(Fault fault) : IdSource
{
    private readonly SeededIds _ids = new();

    public override string Next()
    {
        fault.At("ids");
        return _ids.Next();
    }
}

/// <summary>A request log that may break.</summary>
internal sealed class FaultyRequestLog(Fault fault) : IRequestLog
{
    public void Write(RequestRecord record) => fault.At("requests");
}

/// <summary>A store that may break before it does what it is asked.</summary>
internal sealed class FaultyStore(Fault fault, IChainStore store) : IChainStore
{
    public bool IsDurable => store.IsDurable;

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        fault.At("store.find");
        return store.FindAsync(tenant, id, caller);
    }

    public ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        fault.At("store.find");
        return store.FindHeadAsync(tenant, id, caller);
    }

    public ValueTask<IChainExcerpt?> FindExcerptAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller)
    {
        fault.At("store.find");
        return store.FindExcerptAsync(tenant, id, isHead, caller);
    }

    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
        store.FindItemAsync(tenant, itemId, caller);

    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller)
    {
        fault.At("store.is_there");
        return store.IsThereAsync(node, caller);
    }

    public ValueTask<bool> WasDeletedAsync(ChainNode node, CancellationToken caller)
    {
        fault.At("store.is_there");
        return store.WasDeletedAsync(node, caller);
    }

    public ValueTask<ChainClaim> ClaimAsync(
        TenantId tenant, ChainNode? parent, long? placed, CancellationToken turnCancelled)
    {
        fault.At("store.claim");
        return store.ClaimAsync(tenant, parent, placed, turnCancelled);
    }

    public ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping)
    {
        fault.At("store.add");
        return store.AddAsync(node, claim, nodeStopping);
    }

    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => store.DeleteAsync(tenant, id, caller);

    public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken nodeStopping) =>
        store.TakeBackAsync(tenant, id, claim, nodeStopping);
}

/// <summary>A log whose writing may break, at every level.</summary>
internal sealed class FaultyLogger<T>(Fault fault) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        fault.At("log");
}

/// <summary>Meters and spans with a listener that may break at every measurement, and at a span's beginning and end.</summary>
internal sealed class FaultyListeners : IMeterFactory
{
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _measurements = new();
    private readonly ActivityListener _spans;

    public FaultyListeners(Fault fault)
    {
        _measurements.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.Contains(instrument.Meter)) listener.EnableMeasurementEvents(instrument);
        };
        _measurements.SetMeasurementEventCallback<long>((_, _, _, _) => fault.At("metrics"));
        _measurements.SetMeasurementEventCallback<int>((_, _, _, _) => fault.At("metrics"));
        _measurements.SetMeasurementEventCallback<double>((_, _, _, _) => fault.At("metrics"));
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Spans.SourceName,
            Sample = (ref _) =>
            {
                fault.At("span.sample");
                return ActivitySamplingResult.AllDataAndRecorded;
            },
            ActivityStarted = _ => fault.At("span.begin"),
            ActivityStopped = _ => fault.At("span.end"),
        };
    }

    /// <summary>Begins to listen.</summary>
    public void Start()
    {
        ActivitySource.AddActivityListener(_spans);
        _measurements.Start();
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _spans.Dispose();
        _measurements.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }
}
