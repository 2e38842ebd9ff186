using System.Globalization;
using Samovar.Bench.Servers;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Transport;

/// <summary>Who answers: a simulated provider of some speed behind Samovar, or Samovar's own engine.</summary>
/// <param name="Name">As samples and the command line have it.</param>
/// <param name="Speed">Of the simulated provider; null for the engine.</param>
/// <param name="RunsBeside">Whether its turns mostly wait, so that conversations may run beside each other.</param>
internal sealed record TransportBackend(string Name, StubSpeed? Speed, bool RunsBeside = false)
{
    private const string PrefillMark = "-prefill";

    /// <summary>The published comparisons were made at about 65 and 1,000 output tokens a second.</summary>
    public static readonly IReadOnlyList<TransportBackend> All =
    [
        new("provider-65", new StubSpeed(65, 10_000), RunsBeside: true), new("provider-1000", new StubSpeed(1000, 100_000)),
        new("engine", null) { TaskScale = 0.2, TraceScale = 0.02 },
    ];

    /// <summary>Of the simulated provider.</summary>
    public ReplicaPlan Replicas { get; init; } = new();

    /// <summary>The same provider with other replicas; an engine of one's own has none.</summary>
    public TransportBackend With(ReplicaPlan replicas) =>
        Speed is null ? this : this with { Name = Name + replicas.Suffix, Replicas = replicas };

    /// <summary>The same provider that reads prompts at another speed.</summary>
    /// <param name="prefillTokens">A second; null as it is.</param>
    public TransportBackend Reading(int? prefillTokens) => Speed is null || prefillTokens is not { } tokens ? this : this with
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"{Name}{PrefillMark}{tokens}"),
        Speed = Speed with { PrefillTokens = tokens },
    };

    /// <summary>The speed of the provider of this name, whatever its replicas; null where it is none.</summary>
    public static StubSpeed? SpeedOf(string name)
    {
        var speed = All.FirstOrDefault(backend => backend.Speed is not null
            && (name == backend.Name || name.StartsWith(backend.Name + "-", StringComparison.Ordinal)))?.Speed;
        var mark = name.IndexOf(PrefillMark, StringComparison.Ordinal);
        if (speed is null || mark < 0) return speed;
        var digits = string.Concat(name[(mark + PrefillMark.Length)..].TakeWhile(char.IsAsciiDigit));
        return speed with { PrefillTokens = double.Parse(digits, CultureInfo.InvariantCulture) };
    }

    /// <summary>Text for each byte of a task, and for each that a trace had, that it carries in a bounded time where nobody says.</summary>
    public double TaskScale { get; init; } = 1;
    public double TraceScale { get; init; } = 0.1;

    /// <summary>Whether the model calls tools as the script wants; a real one says what it likes.</summary>
    public bool HasCalls => Speed is not null;
}

/// <summary>The processes of one backend: Samovar, and the provider behind it.</summary>
internal sealed class TransportHost : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(5);
    private readonly PlainUpstream? _provider;
    private readonly GatewayServer? _gateway;
    private readonly ServerProcess? _engine;
    private readonly string? _folder;

    private TransportHost(PlainUpstream? provider, GatewayServer? gateway, ServerProcess? engine, string? folder)
    {
        (_provider, _gateway, _engine, _folder) = (provider, gateway, engine, folder);
        Times = new RequestTimesLog(gateway?.LogPath ?? LogPath(folder!));
    }

    /// <summary>What Samovar's own records say of time.</summary>
    public RequestTimesLog Times { get; }

    /// <summary>Where clients of this kind connect.</summary>
    public Uri AddressOf(TransportKind kind) => kind.IsDirect ? _provider!.BaseUrl : _engine?.BaseUrl ?? _gateway!.BaseUrl;

    /// <summary>Processor time of Samovar.</summary>
    public TimeSpan Processor() => _engine?.ProcessorTime() ?? _gateway!.ProcessorTime();

    /// <param name="model">The GGUF file of the engine.</param>
    /// <param name="settings">More settings of Samovar, by their keys.</param>
    public static async Task<TransportHost> StartAsync(
        TransportBackend backend, string model, params (string Key, string Value)[] settings)
    {
        (string, string)[] all = [RequestTimesLog.OneFile, .. settings];
        if (backend.Speed is not { } speed) return await EngineAsync(model, all);
        var provider = await PlainUpstream.StartAsync(speed, replicas: backend.Replicas);
        return new TransportHost(
            provider, await GatewayServer.StartAsync("responses-ws", [provider.BaseUrl], logsRequests: true, all), null, null);
    }

    private static async Task<TransportHost> EngineAsync(string model, (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-bench-").FullName;
        var environment = Environment([("Monitoring:RequestLogPath", LogPath(folder)), .. settings]);
        return new TransportHost(null, null, await ServerProcess.StartAsync(
            ["Samovar.Cli.dll"], ["--model", model, "--data", folder, "--log-level", "Warning"], environment, StartMax), folder);
    }

    private static string LogPath(string folder) => Path.Combine(folder, "requests.jsonl");

    private static Dictionary<string, string> Environment((string Key, string Value)[] settings) => settings.ToDictionary(
        setting => "SAMOVAR_" + setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);

    public async ValueTask DisposeAsync()
    {
        Times.Dispose();
        if (_engine is not null) await _engine.DisposeAsync();
        if (_gateway is not null) await _gateway.DisposeAsync();
        if (_provider is not null) await _provider.DisposeAsync();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }
}
