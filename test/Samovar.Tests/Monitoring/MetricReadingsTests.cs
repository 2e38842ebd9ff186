using System.Diagnostics.Metrics;
using Samovar.Server.Monitoring;

namespace Samovar.Tests.Monitoring;

public sealed class MetricReadingsTests
{
    [Fact]
    public void Instruments_AreReported_InPrometheusText()
    {
        using var readings = new MetricReadings(new MonitoringOptions(), scope: this);
        using var meter = new Meter("Samovar.MetricReadingsTests", null, null, scope: this);
        using var anotherServers = new Meter("Samovar.MetricReadingsTests", null, null, scope: new object());
        anotherServers.CreateCounter<int>("others").Add(1);
        using var other = new Meter("Somebody.Else");
        other.CreateCounter<int>("others").Add(1);
        var counter = meter.CreateCounter<long>("test.turns", "{turn}", "Turns.");
        counter.Add(2, new KeyValuePair<string, object?>("model", "a\"b"));
        counter.Add(3, new KeyValuePair<string, object?>("model", "a\"b"));
        var running = meter.CreateUpDownCounter<int>("test.running", "{turn}", "Running.");
        running.Add(2);
        running.Add(-1);
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.25, 0.5] };
        meter.CreateHistogram("test.wait", "s", "Wait.", null, advice).Record(0.3);
        meter.CreateObservableGauge("test.bytes", () => 7, "By", "Size.");
        meter.CreateObservableGauge("test.load", () => 0.5, "1", "Load.");
        var text = readings.Text();
        Assert.Contains("# TYPE test_turns_total counter\ntest_turns_total{model=\"a\\\"b\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE test_running gauge\ntest_running 1\n", text, StringComparison.Ordinal);
        const string bucket = "test_wait_seconds_bucket";
        Assert.Contains($"{bucket}{{le=\"0.25\"}} 0\n{bucket}{{le=\"0.5\"}} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"{bucket}{{le=\"+Inf\"}} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("test_wait_seconds_sum 0.3\ntest_wait_seconds_count 1\n", text, StringComparison.Ordinal);
        Assert.Contains("test_bytes 7\n", text, StringComparison.Ordinal);
        Assert.Contains("test_load_ratio 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_gc_collections_total{", text, StringComparison.Ordinal);
        Assert.DoesNotContain("others", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Measurement_ThatWasMadeBefore_WritesNoText()
    {
        using var readings = new MetricReadings(new MonitoringOptions(), scope: this);
        using var meter = new Meter("Samovar.MetricReadingsTests.Again", null, null, scope: this);
        var counter = meter.CreateCounter<long>("test.again");
        var port = (object)8080;
        void Add(string model) => counter.Add(1, new KeyValuePair<string, object?>("model", model), new("port", port));
        for (var i = 0; i < 3; i++) Add("a");
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Allocated())); // a collection in between counts what is left of its room
        Add("b");
        counter.Add(1, new KeyValuePair<string, object?>("model", "a"), new("port", "8080")); // reads the same
        var text = readings.Text();
        Assert.Contains("test_again_total{model=\"a\",port=\"8080\"} 504\n", text, StringComparison.Ordinal);
        Assert.Contains("test_again_total{model=\"b\",port=\"8080\"} 1\n", text, StringComparison.Ordinal);

        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++) Add("a");
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Series_AreBounded()
    {
        using var readings = new MetricReadings(new MonitoringOptions { SeriesMax = 2 }, scope: null);
        using var meter = new Meter("Samovar.MetricReadingsTests.Bounded");
        var counter = meter.CreateCounter<long>("bounded");
        for (var i = 0; i < 10; i++) counter.Add(1, new KeyValuePair<string, object?>("i", i));
        Assert.Contains("bounded_total{overflow=\"true\"} 8\n", readings.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Series_ThatNobodyReportsAnyMore_IsGone()
    {
        using var readings = new MetricReadings(new MonitoringOptions(), scope: this);
        using var meter = new Meter("Samovar.MetricReadingsTests.Gone", null, null, scope: this);
        string[] present = ["a", "b"];
        meter.CreateObservableGauge("present", () => present.Select(name => new Measurement<int>(1, [new("name", name)])));
        Assert.Contains("present{name=\"b\"} 1\n", readings.Text(), StringComparison.Ordinal);
        present = ["a"];
        Assert.Contains("present{name=\"a\"} 1\n", readings.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"b\"", readings.Text(), StringComparison.Ordinal);
    }
}
