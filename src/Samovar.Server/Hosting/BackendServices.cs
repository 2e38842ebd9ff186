using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Models;
using Samovar.Compaction;
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
            .AddKnown<UpstreamOptions>(UpstreamOptions.Section).AddKnown<ModelsOptions>(ModelsOptions.Section);
        if (services.Any(service => service.ServiceType == typeof(IBackend))) return services;
        if (configuration.HasUpstreams())
        {
            services.AddUpstreams();
            if (configuration[SamovarHost.ModelPath] is null && !configuration.HasNamedModels()) return services;
        }
        services.AddChecked<EngineOptions, EngineOptionsValidator>(EngineOptions.Section)
            .AddChecked<EmbeddedOptions, EmbeddedOptionsValidator>(EmbeddedOptions.Section)
            .AddSingleton<EngineLog>()
            .AddSingleton<StateSecret>()
            .AddHostedService<StateSweep>();
        return configuration.HasNamedModels() ? services.AddNamedModels() : services.AddOneModel();
    }

    /// <summary>One model, which is loaded as the server starts and stays.</summary>
    private static IServiceCollection AddOneModel(this IServiceCollection services) => services
            .AddSingleton<IValidateOptions<EngineOptions>, ModelCheck>()
            .AddSingleton<IPostConfigureOptions<EngineOptions>, PulledModelPath>()
            .AddSingleton<IPostConfigureOptions<EngineOptions>, StateFolder>()
            .AddSingleton<ISequenceEngine>(provider =>
            {
                var options = provider.GetRequiredService<EngineOptions>();
                var log = provider.GetRequiredService<EngineLog>();
                LlamaLibrary.LogLine = log.Take;
                var engine = LlamaEngine.Load(options, provider.GetRequiredService<TimeProvider>(), provider.GetService<IDeviceTrial>(),
                    provider.GetRequiredService<StateSecret>().Of(options));
                DeviceNote.Write(provider.GetRequiredService<ILoggerFactory>().CreateLogger<LlamaEngine>(), engine.Model.Device);
                log.Check(options, engine.Model);
                EngineWatch.Begin(provider, Only(engine, options));
                return engine;
            })
            .AddSingleton(static provider => Only(
                provider.GetRequiredService<ISequenceEngine>(), provider.GetRequiredService<EngineOptions>()))
            .AddSingleton<IBackend, EmbeddedBackend>();

    private static LocalModels Only(ISequenceEngine engine, EngineOptions options) =>
        LocalModels.Of(engine, engine is LlamaEngine ? EngineMemory.Held(options, engine.Model) : null);
}

[OptionsValidator]
internal sealed partial class EngineOptionsValidator : IValidateOptions<EngineOptions>;

[OptionsValidator]
internal sealed partial class EmbeddedOptionsValidator : IValidateOptions<EmbeddedOptions>;

/// <summary>There must be a model to serve.</summary>
internal sealed class ModelCheck(IConfiguration configuration) : IValidateOptions<EngineOptions>
{
    public ValidateOptionsResult Validate(string? name, EngineOptions options)
    {
        if (options.ModelPath is not { Length: > 0 } path)
            return ValidateOptionsResult.Fail(
                $"{SamovarHost.NoModel}: say --model PATH with a GGUF file, or configure pools of upstreams.");
        return (PulledModels.Find(path, PulledModels.DataPathOf(configuration)).Fault ?? GgufFile.FaultOf(path)) is { } fault
            ? ValidateOptionsResult.Fail($"{SamovarHost.ModelPath}: {fault}")
            : ValidateOptionsResult.Success;
    }
}

/// <summary>A model may be named as <c>samovar pull</c> got it.</summary>
internal sealed class PulledModelPath(IConfiguration configuration) : IPostConfigureOptions<EngineOptions>
{
    public void PostConfigure(string? name, EngineOptions options)
    {
        if (options.ModelPath is { Length: > 0 } path)
            options.ModelPath = PulledModels.Find(path, PulledModels.DataPathOf(configuration)).Path;
    }
}

/// <summary>State files lie in the data folder.</summary>
internal sealed class StateFolder(IConfiguration configuration) : IPostConfigureOptions<EngineOptions>
{
    public void PostConfigure(string? name, EngineOptions options)
    {
        if (options.DiskPath is { Length: > 0 } path) options.DiskPath = Path.Combine(PulledModels.DataPathOf(configuration), path);
    }
}

/// <summary>What state files are encrypted with: the newest of the server's keys. Those that an older one made are read as long as that
/// is among them.</summary>
internal sealed class StateSecret(ISealKeys keys)
{
    /// <summary>The newest first; none where there are to be no files.</summary>
    public IReadOnlyList<byte[]> Of(EngineOptions options) =>
        options.DiskBytesMax == 0 ? [] : [.. keys.All().Select(static key => key.Bytes)];
}
