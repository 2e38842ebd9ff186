using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Samovar.Server.Hosting;

/// <summary>Options from a section of the configuration, checked at start, handed to constructors as plain values.</summary>
internal static class CheckedOptions
{
    public static IServiceCollection AddChecked<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptions<TOptions>().BindConfiguration(section);
        return services
            .AddSingleton<IValidateOptions<TOptions>, TValidator>()
            .AddSingleton<IValidateOptions<TOptions>>(provider =>
                new KnownKeysCheck<TOptions>(provider.GetRequiredService<IConfiguration>().GetSection(section)))
            .AddSingleton(provider => new SectionCheck(section, () => provider.GetRequiredService<IOptions<TOptions>>().Value))
            .AddSingleton(provider => provider.GetRequiredService<IOptions<TOptions>>().Value);
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

/// <summary>Reads one section as it will be used.</summary>
internal sealed class SectionCheck(string section, Func<object> read)
{
    /// <returns>What is wrong with it, in plain sentences.</returns>
    public IReadOnlyList<string> Errors()
    {
        try
        {
            read();
            return [];
        }
        catch (OptionsValidationException exception) { return [.. exception.Failures.Select(Named)]; }
        catch (InvalidOperationException exception) { return [exception.Message]; } // a value that is not a number, not a time span …
    }

    /// <summary>The generated validators say only the property's name.</summary>
    private string Named(string failure) =>
        failure.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && failure.AsSpan(0, colon).IndexOfAny(' ', '\'') < 0
            && !failure.StartsWith(section, StringComparison.Ordinal)
            ? $"{section}:{failure}"
            : failure;
}
