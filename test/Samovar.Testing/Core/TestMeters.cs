using System.Diagnostics.Metrics;

namespace Samovar.Testing.Core;

/// <summary>Makes meters that nobody listens to but a test that says so.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _made = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _made.Add(meter);
        return meter;
    }

    /// <summary>Adds up what a counter is given from now on.</summary>
    public MeterListener Sum(string counter, Action<long> add)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == counter && _made.Contains(instrument.Meter)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => add(value));
        listener.Start();
        return listener;
    }

    public void Dispose() => _made.ForEach(meter => meter.Dispose());
}
