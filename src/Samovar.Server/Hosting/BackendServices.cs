using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Budgets;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Gateway.Destinations;

namespace Samovar.Server.Hosting;

/// <summary>
/// Who makes the words: upstreams where pools are configured, the embedded engine where a model is given, unless a test brought a backend
/// of its own.
/// </summary>
internal static class BackendServices
{
    public static IServiceCollection AddBackends(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddKnown<EngineOptions>(EngineOptions.Section).AddKnown<EmbeddedOptions>(EmbeddedOptions.Section)
            .AddKnown<UpstreamOptions>(UpstreamOptions.Section);
        if (services.Any(service => service.ServiceType == typeof(IBackend))) return services;
        if (configuration.HasUpstreams())
        {
            services.AddUpstreams();
            if (configuration[SamovarHost.ModelPath] is null) return services;
        }
        return services.AddChecked<EngineOptions, EngineOptionsValidator>(EngineOptions.Section)
            .AddSingleton<IValidateOptions<EngineOptions>, ModelCheck>()
            .AddChecked<EmbeddedOptions, EmbeddedOptionsValidator>(EmbeddedOptions.Section)
            .AddSingleton<EngineLog>()
            .AddSingleton<ISequenceEngine>(provider =>
            {
                var options = provider.GetRequiredService<EngineOptions>();
                var log = provider.GetRequiredService<EngineLog>();
                LlamaLibrary.LogLine = log.Take;
                var engine = LlamaEngine.Load(options, provider.GetRequiredService<TimeProvider>(), provider.GetService<IDeviceTrial>());
                DeviceNote.Write(provider.GetRequiredService<ILoggerFactory>().CreateLogger<LlamaEngine>(), engine.Model.Device);
                log.Check(options, engine.Model);
                provider.GetRequiredService<MemoryShares>().WatchEngine(
                    () => engine.Counters.ParkedBytes,
                    (long)engine.Model.Streams * engine.Model.ContextTokens * engine.Model.StateBytesPerToken);
                EngineGauges.Watch(provider.GetRequiredService<IMeterFactory>(), engine, options);
                return engine;
            })
            .AddSingleton<IBackend, EmbeddedBackend>();
    }
}

[OptionsValidator]
internal sealed partial class EngineOptionsValidator : IValidateOptions<EngineOptions>;

[OptionsValidator]
internal sealed partial class EmbeddedOptionsValidator : IValidateOptions<EmbeddedOptions>;

/// <summary>There must be a model to serve.</summary>
internal sealed class ModelCheck : IValidateOptions<EngineOptions>
{
    public ValidateOptionsResult Validate(string? name, EngineOptions options)
    {
        if (options.ModelPath is not { Length: > 0 } path)
            return ValidateOptionsResult.Fail(
                $"{SamovarHost.NoModel}: say --model PATH with a GGUF file, or configure pools of upstreams.");
        return GgufFile.FaultOf(path) is { } fault
            ? ValidateOptionsResult.Fail($"{SamovarHost.ModelPath}: {fault}")
            : ValidateOptionsResult.Success;
    }
}
