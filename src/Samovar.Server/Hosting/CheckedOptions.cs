using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Samovar.Server.Hosting;

/// <summary>Options from a section of the configuration, checked at start, handed to constructors as plain values.</summary>
internal static class CheckedOptions
{
    private const DynamicallyAccessedMemberTypes All = DynamicallyAccessedMemberTypes.All;

    public static IServiceCollection AddChecked<[DynamicallyAccessedMembers(All)] TOptions, [DynamicallyAccessedMembers(All)] TValidator>(
        this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptionsWithValidateOnStart<TOptions, TValidator>().BindConfiguration(section);
        services.AddSingleton<IValidateOptions<TOptions>>(provider =>
            new KnownKeysCheck<TOptions>(provider.GetRequiredService<IConfiguration>().GetSection(section)));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<TOptions>>().Value);
        return services;
    }

    /// <summary>A misspelt name in the configuration is an error, not a default.</summary>
    private sealed class KnownKeysCheck<TOptions>(IConfigurationSection section) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            var known = typeof(TOptions).GetProperties().Select(property => property.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var unknown = section.GetChildren().Select(child => child.Key).Where(key => !known.Contains(key)).ToList();
            return unknown.Count == 0
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(unknown.Select(key => $"There is no setting {section.Path}:{key}."));
        }
    }
}
