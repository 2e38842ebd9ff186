using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Samovar.Tests.Monitoring.Otlp;

/// <summary>A span as it arrived.</summary>
internal sealed record ReceivedSpan(
    string Trace, string Id, string Parent, string Name, ulong Kind, IReadOnlyDictionary<string, string> Attributes, ulong Status);

/// <summary>A metric as it arrived.</summary>
/// <param name="Bounds">A histogram's explicit bounds.</param>
internal sealed record ReceivedMetric(string Name, string Unit, IReadOnlyList<double> Bounds);

/// <summary>A collector that speaks OTLP over HTTP with protobuf, and reads as much of it as tests ask for.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<byte[]> _traces = new(), _metrics = new();

    private OtlpReceiver(WebApplication application) => _application = application;

    /// <summary>The headers of the newest export.</summary>
    public IHeaderDictionary? Headers { get; private set; }

    public string Endpoint => _application.Urls.First();

    /// <summary>Everything that came, as one text: what is not in it was not sent.</summary>
    public string Raw => string.Concat(_traces.Concat(_metrics).Select(Encoding.Latin1.GetString));

    public IReadOnlyList<ReceivedSpan> Spans =>
    [
        .. from body in _traces
           from resource in new ProtoMessage(body).All(1)
           from scope in resource.All(2)
           from span in scope.All(2)
           select new ReceivedSpan(
               span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Number(6), Attributes(span, 9),
               span.All(15).FirstOrDefault()?.Number(3) ?? 0),
    ];

    public IReadOnlyList<ReceivedMetric> Metrics =>
    [
        .. from body in _metrics
           from resource in new ProtoMessage(body).All(1)
           from scope in resource.All(2)
           from metric in scope.All(2)
           select new ReceivedMetric(metric.Text(1), metric.Text(3), Bounds(metric)),
    ];

    public IReadOnlyDictionary<string, string> Resource =>
        Attributes(new ProtoMessage(_traces.First()).All(1).First().All(1).First(), 1);

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new OtlpReceiver(builder.Build());
        receiver._application.MapPost("/v1/traces", (HttpRequest request) => receiver.TakeAsync(request, receiver._traces));
        receiver._application.MapPost("/v1/metrics", (HttpRequest request) => receiver.TakeAsync(request, receiver._metrics));
        await receiver._application.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpRequest request, ConcurrentQueue<byte[]> bodies)
    {
        Headers = new HeaderDictionary(request.Headers.ToDictionary());
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        bodies.Enqueue(body.ToArray());
        return Results.Bytes([], "application/x-protobuf");
    }

    private static Dictionary<string, string> Attributes(ProtoMessage owner, int number) => owner.All(number)
        .ToDictionary(pair => pair.Text(1), pair => Text(pair.All(2).First()), StringComparer.Ordinal);

    private static string Text(ProtoMessage value) =>
        value.Has(1) ? value.Text(1) : value.Has(4) ? BitConverter.UInt64BitsToDouble(value.Number(4)).ToString("R") : $"{value.Number(3)}";

    private static double[] Bounds(ProtoMessage metric) =>
        metric.All(9).FirstOrDefault()?.All(1).FirstOrDefault() is { } point
            ? MemoryMarshal.Cast<byte, double>(point.Bytes(7).Span).ToArray() : [];
}
