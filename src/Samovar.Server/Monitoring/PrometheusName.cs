using System.Diagnostics.Metrics;

namespace Samovar.Server.Monitoring;

/// <summary>What Prometheus calls an instrument, by OpenTelemetry's rules: dots become underscores, the unit and the kind follow.</summary>
internal static class PrometheusName
{
    public static string Of(Instrument instrument)
    {
        var kind = MetricKinds.Of(instrument);
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", "1" when kind == MetricKind.Gauge => "_ratio", _ => "" };
        var name = OfLabel(instrument.Name);
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return kind == MetricKind.Counter ? name + "_total" : name;
    }

    public static string OfLabel(string name) => name.Replace('.', '_');
}
