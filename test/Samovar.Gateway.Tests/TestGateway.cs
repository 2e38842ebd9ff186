using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Metrics;
using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Fairness;
using Samovar.Testing.Upstreams;
using Samovar.Tracing;
using Samovar.Turns;

namespace Samovar.Gateway.Tests;

/// <summary>The upstream backend in front of fakes, and turns through it: what a turn pipeline does, without one.</summary>
internal sealed class TestGateway : IDisposable
{
    public const string Model = "m";
    private readonly UpstreamDrivers _drivers;
    private readonly WaitQueue _queue;
    private readonly IdSource _ids = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public TestGateway(UpstreamOptions options, TimeProvider? time = null, ILogger<PoolTable>? logger = null,
        CallerKeys? callers = null)
    {
        Pools = new PoolTable(options, time ?? TimeProvider.System, _ => null, logger) { Callers = callers };
        _drivers = new UpstreamDrivers(options, time ?? TimeProvider.System, _ids, NullLogger<UpstreamDrivers>.Instance);
        var metrics = new UpstreamMetrics(
            _services.GetRequiredService<IMeterFactory>(), new MetricOptions(), Pools, _drivers, time ?? TimeProvider.System);
        var affinity = new AffinityMap(
            options.AffinityEntriesMax, options.AffinityTtl, time ?? TimeProvider.System, new NoAffinityJournal());
        var sealedItems = new SealedItems(affinity);
        var choice = new DestinationChoice(affinity, sealedItems, new Random(4711));
        _queue = new WaitQueue(
            Pools, choice, new WaitMetrics(_services.GetRequiredService<IMeterFactory>()), time ?? TimeProvider.System,
            NullLogger<WaitQueue>.Instance);
        Backend = new UpstreamBackend(Pools, _drivers, options, metrics, choice, sealedItems, _queue, time ?? TimeProvider.System);
    }

    public TestGateway(string kind, params FakeUpstream[] upstreams) : this(Options(kind, upstreams)) { }

    public UpstreamBackend Backend { get; }
    public int Waiting => _queue.Count;
    public PoolTable Pools { get; }
    public int IdleSockets => _drivers.IdleSockets;
    public UpstreamDrivers Drivers => _drivers;

    /// <param name="kind">A kind, or <c>responses-stored</c>, which is Responses over HTTP where the upstream stores.</param>
    public static UpstreamOptions Options(string kind, params FakeUpstream[] upstreams) => new()
    {
        RetryDelay = TimeSpan.Zero,
        Pools =
        [
            new PoolOptions
            {
                Name = "pool",
                Destinations = upstreams.Select(upstream => new DestinationOptions
                {
                    Name = upstream.Name,
                    Kind = kind == "responses-stored" ? "responses-http" : kind,
                    Dialect = kind == "chat" ? "vllm" : null,
                    BaseUrl = upstream.BaseUrl,
                    Models = { Model + "=fake-model" },
                    Stores = kind == "responses-stored",
                }).ToList(),
            },
        ],
    };

    public void Dispose()
    {
        Backend.Dispose();
        _queue.Dispose();
        _drivers.Dispose();
        _services.Dispose();
    }

    /// <param name="fields">More top-level fields, beginning with a comma.</param>
    public Task<TurnResult> TurnAsync(ChainNode? parent, string input, string fields = "", SessionHints? hints = null,
        Action<BackendEvent>? onEvent = null, CancellationToken cancelled = default)
    {
        var json = $$"""{"type":"response.create","model":"{{Model}}","input":{{input}}{{fields}}}""";
        var request = CreateRequestReader.Read(Encoding.UTF8.GetBytes(json), CreateRequestOrigin.WebSocketCreate, ProtocolLimits.Default);
        return RunAsync(parent, request with { Hints = hints ?? SessionHints.None }, cancelled, onEvent);
    }

    /// <summary>A request of another protocol.</summary>
    public Task<TurnResult> TurnAsync(CreateRequest request) =>
        RunAsync(null, request with { Model = Model }, CancellationToken.None);

    /// <summary>A request whose last message is the beginning of the answer.</summary>
    public Task<TurnResult> BegunAsync(string input, Func<CreateRequest, CreateRequest>? change = null)
    {
        var json = $$"""{"model":"{{Model}}","input":{{input}},"store":false}""";
        var request = CreateRequestReader.Read(Encoding.UTF8.GetBytes(json), CreateRequestOrigin.Http, ProtocolLimits.Default);
        request = request with { ContinuesAnswer = true };
        return RunAsync(null, change?.Invoke(request) ?? request, CancellationToken.None);
    }

    public static string User(string text) =>
        $$"""[{"type":"message","role":"user","content":[{"type":"input_text","text":"{{text}}"}]}]""";

    public static string ToolOutput(ChainNode node, string output) =>
        $$"""[{"type":"function_call_output","call_id":"{{node.Output.OfType<IToolCall>().Last().CallId}}","output":"{{output}}"}]""";

    public const string Tools = ""","tools":[{"type":"function","name":"read","description":"Reads a file.","parameters":""" +
        """{"type":"object","properties":{"path":{"type":"string"}}},"strict":false}]""";

    /// <summary>Whose turns they are.</summary>
    public FlowId Flow { get; set; } = new("local");

    public TenantId Tenant { get; set; } = TenantId.Local;

    /// <summary>Where the turns' time goes.</summary>
    public TurnTrace? Times { get; set; }

    /// <summary>Ends the turns early.</summary>
    public CancellationToken EndsEarly { get; set; }

    /// <summary>A turn that somebody else reads.</summary>
    public IAsyncEnumerable<BackendEvent> RunAsync(string input, CancellationToken cancelled)
    {
        var json = $$"""{"type":"response.create","model":"{{Model}}","input":{{input}}}""";
        return Backend.RunAsync(Turn(null, CreateRequestReader.Read(
            Encoding.UTF8.GetBytes(json), CreateRequestOrigin.WebSocketCreate, ProtocolLimits.Default)), cancelled);
    }

    private BackendTurn Turn(ChainNode? parent, CreateRequest request) => new()
    {
        Tenant = Tenant, Id = ResponseId.New(_ids), Context = new TurnContext(parent, request.Input), Request = request,
        Instructions = request.Instructions, Tools = request.Tools ?? ToolList.Empty, Flow = Flow,
        EndsEarly = EndsEarly, Times = Times,
        KeepsSettings = parent is not null && Settings.Keeps(request, parent.Response),
    };

    /// <summary>The newest turn, however it ended.</summary>
    public BackendTurn? LastTurn { get; private set; }

    private async Task<TurnResult> RunAsync(
        ChainNode? parent, CreateRequest request, CancellationToken cancelled, Action<BackendEvent>? onEvent = null)
    {
        var turn = LastTurn = Turn(parent, request);
        var events = new List<BackendEvent>();
        List<int> inFlight = [];
        try
        {
            await foreach (var seen in Backend.RunAsync(turn, cancelled))
            {
                events.Add(seen);
                onEvent?.Invoke(seen);
                inFlight = Pools.Current[0].Destinations.Select(destination => destination.State.InFlight).ToList();
            }
        }
        catch (ApiException error)
        {
            return new TurnResult(turn, events, null, error, inFlight);
        }
        return new TurnResult(turn, events, Node(turn, events), null, inFlight);
    }

    private ChainNode Node(BackendTurn turn, List<BackendEvent> events)
    {
        var finished = (BackendEvent.Finished)events[^1];
        return new ChainNode
        {
            Tenant = turn.Tenant, Id = turn.Id, Parent = turn.Context.Parent, Input = turn.Context.Input, State = finished.State, Bytes = 0,
            Response = new Response
            {
                Id = turn.Id, Instructions = turn.Instructions, Tools = turn.Tools,
                CreatedAt = DateTimeOffset.UnixEpoch, Status = ResponseStatus.Completed, Model = Model,
                    Request = turn.Request,
                Output = new ItemFold(_ids).Fold(events), Usage = finished.Usage,
            },
        };
    }
}

/// <summary>One turn through the gateway.</summary>
internal sealed record TurnResult(
    BackendTurn Turn, IReadOnlyList<BackendEvent> Events, ChainNode? Finished, ApiException? Error, IReadOnlyList<int> InFlightAtEnd)
{
    public ChainNode Node => Finished ?? throw new InvalidOperationException($"The turn failed: {Error!.Kind.Code} {Error.Message}");
    public Usage Usage => Events.OfType<BackendEvent.Finished>().Single().Usage!;
    public string Text => string.Concat(Events.OfType<BackendEvent.Delta>().Select(delta => delta.Text));
    public BackendReport Report => Turn.Report;
}
