using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Models;
using Samovar.Engine;

namespace Samovar.Server.Hosting;

/// <summary>Several models in one process, each under its name.</summary>
internal static class ModelServices
{
    /// <summary>Whether the settings name models.</summary>
    public static bool HasNamedModels(this IConfiguration configuration) =>
        configuration.GetSection($"{ModelsOptions.Section}:{nameof(ModelsOptions.Served)}").GetChildren().Any();

    public static IServiceCollection AddNamedModels(this IServiceCollection services)
    {
        services.TryAddSingleton<IModelLoader, ServedModelLoader>();
        return services.AddPool();
    }

    private const string BytesMax = $"{ModelsOptions.Section}:{nameof(ModelsOptions.BytesMax)}";

    private static IServiceCollection AddPool(this IServiceCollection services) => services
        .AddChecked<ModelsOptions, ModelsOptionsValidator>(ModelsOptions.Section)
        .AddSingleton<IValidateOptions<ModelsOptions>, ServedModelsCheck>()
        .AddSingleton<IPostConfigureOptions<EngineOptions>, FirstModelPath>()
        .AddSingleton<ServedSettings>()
        .AddSingleton(static provider => new ModelPool(
            provider.GetRequiredService<IModelLoader>(), provider.GetRequiredService<ModelsOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ModelPool>>(),
            isRoomGiven: provider.GetRequiredService<IConfiguration>()[BytesMax] is not null))
        .AddSingleton(static provider =>
        {
            var pool = provider.GetRequiredService<ModelPool>();
            var models = new LocalModels(() => pool.Conditions);
            EngineWatch.Begin(provider, models);
            return models;
        })
        .AddSingleton<IBackend, PooledBackend>()
        .AddHostedService<ModelStartService>();
}

/// <summary>Each model has a file, and names are given in one place.</summary>
internal sealed class ServedModelsCheck(IConfiguration configuration) : IValidateOptions<ModelsOptions>
{
    private const string Section = $"{ModelsOptions.Section}:{nameof(ModelsOptions.Served)}";

    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var faults = new List<string>();
        foreach (var setting in new[] { SamovarHost.ModelPath, $"{EmbeddedOptions.Section}:{nameof(EmbeddedOptions.ModelName)}" })
            if (!string.IsNullOrEmpty(configuration[setting]))
                faults.Add($"{Section} and {setting} cannot both be given: that one is for a single model.");
        foreach (var (model, of) in options.Served)
        {
            if (FaultOf(of.Path) is { } fault) faults.Add($"{Section}:{model}:{nameof(of.Path)}: {fault}");
            if (of.TemplatePath is { Length: > 0 } template && !File.Exists(template))
                faults.Add($"{Section}:{model}:{nameof(of.TemplatePath)}: {Path.GetFullPath(template)} does not exist.");
        }
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private string? FaultOf(string path)
    {
        if (path.Length == 0) return "it must name a GGUF file.";
        var found = PulledModels.Find(path, PulledModels.DataPathOf(configuration));
        return found.Fault ?? GgufFile.FaultOf(found.Path);
    }
}

/// <summary>A device is tried with the first of them.</summary>
internal sealed class FirstModelPath(IConfiguration configuration) : IPostConfigureOptions<EngineOptions>
{
    public void PostConfigure(string? name, EngineOptions options)
    {
        var first = configuration.GetSection($"{ModelsOptions.Section}:{nameof(ModelsOptions.Served)}").GetChildren().FirstOrDefault();
        if (first?[nameof(ServedModelOptions.Path)] is { Length: > 0 } path)
            options.ModelPath = PulledModels.Find(path, PulledModels.DataPathOf(configuration)).Path;
    }
}
