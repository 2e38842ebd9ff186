using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Samovar.Backends.Models;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Engine;
using Samovar.Running;
using SessionOptions = Samovar.Sessions.SessionOptions;

namespace Samovar.Server.Hosting;

/// <summary>What the machine, or the cgroup, has for this process.</summary>
internal sealed record MachineMemory(long Bytes)
{
    /// <summary>The runtime knows of cgroups, and keeps a part of theirs back for what is not its heap.</summary>
    public static MachineMemory Found() => new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}

/// <summary>The budget of bytes: shares that fit the memory, checked as one sum at start.</summary>
internal static class MemoryServices
{
    public static IServiceCollection AddMemoryBudget(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(_ => MachineMemory.Found());
        return services
            .AddChecked<MemoryOptions, MemoryOptionsValidator>(MemoryOptions.Section)
            .AddSingleton<IValidateOptions<MemoryOptions>>(provider => new MemoryCheck(provider, configuration))
            .Fit<MemoryOptions>(MemoryOptions.Section, nameof(MemoryOptions.FramesBytesMax), percent: 6, configuration)
            .Fit<MemoryOptions>(MemoryOptions.Section, nameof(MemoryOptions.BodiesBytesMax), percent: 10, configuration)
            .Fit<MemoryOptions>(MemoryOptions.Section, nameof(MemoryOptions.LogsBytesMax), percent: 10, configuration)
            .Fit<MemoryOptions>(MemoryOptions.Section, nameof(MemoryOptions.EventsBytesMax), percent: 6, configuration)
            .Fit<SessionOptions>(SessionOptions.Section, nameof(SessionOptions.RetainedBytesTotalMax), percent: 16, configuration)
            .Fit<ChainOptions>(ChainOptions.Section, nameof(ChainOptions.BytesMax), percent: 8, configuration)
            .Fit<ReplayOptions>(ReplayOptions.Section, nameof(ReplayOptions.ChainBytesMax), percent: 2, configuration)
            .Fit<ContentIndexOptions>(ContentIndexOptions.Section, nameof(ContentIndexOptions.BytesMax), percent: 4, configuration)
            .Fit<EngineOptions>(EngineOptions.Section, nameof(EngineOptions.ParkedBytesMax), percent: 15, configuration)
            .Fit<ModelsOptions>(ModelsOptions.Section, nameof(ModelsOptions.BytesMax), percent: 60, configuration)
            .AddSingleton(provider => new KeptNodes(provider.GetRequiredService<MemoryShares>().Chains))
            .AddSingleton(provider =>
            {
                var shares = Shares(provider, provider.GetRequiredService<MemoryOptions>(), configuration);
                MemoryGauges.Watch(provider.GetRequiredService<IMeterFactory>(), shares.Budget);
                return shares;
            });
    }

    /// <summary>Gives a bound that nobody set a part of the memory, where its default is more.</summary>
    private static IServiceCollection Fit<TOptions>(
        this IServiceCollection services, string section, string name, int percent, IConfiguration configuration)
        where TOptions : class
    {
        var property = typeof(TOptions).GetProperty(name)!;
        services.AddSingleton<IPostConfigureOptions<TOptions>>(provider => new PostConfigureOptions<TOptions>(name: null, options =>
        {
            if (configuration[$"{section}:{name}"] is not null) return;
            var part = MemoryOf(provider, configuration) / 100 * percent;
            property.SetValue(options, Math.Min((long)property.GetValue(options)!, Math.Max(part, LeastBytes)));
        }));
        return services;
    }

    private const string BytesMax = $"{MemoryOptions.Section}:{nameof(MemoryOptions.BytesMax)}";
    private const long LeastBytes = 4 << 20; // whatever little there is, something must fit

    private static long MemoryOf(IServiceProvider provider, IConfiguration configuration) =>
        long.TryParse(configuration[BytesMax], CultureInfo.InvariantCulture, out var given) && given > 0
            ? given : provider.GetRequiredService<MachineMemory>().Bytes;

    private static MemoryShares Shares(IServiceProvider provider, MemoryOptions options, IConfiguration configuration)
    {
        var chains = Read<SessionOptions>(provider).RetainedBytesTotalMax + Read<ChainOptions>(provider).BytesMax
            + Read<ContentIndexOptions>(provider).BytesMax + Read<ReplayOptions>(provider).ChainBytesMax;
        return new MemoryShares(options, chains, ParkedBytesMax(provider, configuration));
    }

    private static long ParkedBytesMax(IServiceProvider provider, IConfiguration configuration)
    {
        if (!configuration.HasNamedModels())
            return configuration[SamovarHost.ModelPath] is null ? 0 : Read<EngineOptions>(provider).ParkedBytesMax;
        var (models, engine) = (Read<ModelsOptions>(provider), Read<EngineOptions>(provider));
        return models.Served.Values.Sum(model => ServedModelLoader.ParkedBytes(models, engine, model));
    }

    private static TOptions Read<TOptions>(IServiceProvider provider) where TOptions : class =>
        provider.GetRequiredService<IOptions<TOptions>>().Value;

    /// <summary>All shares together must fit.</summary>
    private sealed class MemoryCheck(IServiceProvider provider, IConfiguration configuration) : IValidateOptions<MemoryOptions>
    {
        public ValidateOptionsResult Validate(string? name, MemoryOptions options)
        {
            string? fault;
            try
            {
                fault = Shares(provider, options, configuration).Budget.FaultOn(MemoryOf(provider, configuration));
            }
            catch (Exception exception) when (exception is InvalidOperationException // a share that is not a number
                || exception is OptionsValidationException { OptionsType: var type } && type != typeof(MemoryOptions))
            {
                return ValidateOptionsResult.Skip; // the section that it is in says what is wrong
            }
            return fault is null ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(
                $"{fault} Set less for Memory:FramesBytesMax, Memory:BodiesBytesMax, Memory:LogsBytesMax, Memory:EventsBytesMax, "
                + "for the chains (Sessions:RetainedBytesTotalMax, Chains:BytesMax, ContentIndex:BytesMax, Replay:ChainBytesMax) "
                + "or for Engine:ParkedBytesMax; or more for Memory:BytesMax, if there is more.");
        }
    }
}
