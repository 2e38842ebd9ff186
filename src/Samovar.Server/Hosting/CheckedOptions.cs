using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Samovar.Server.Settings;

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
            .AddKnown<TOptions>(section)
            .AddSingleton<IValidateOptions<TOptions>, TValidator>()
            .AddSingleton(provider => new SectionCheck(section, () => provider.GetRequiredService<IOptions<TOptions>>().Value))
            .AddSingleton(provider => provider.GetRequiredService<IOptions<TOptions>>().Value);
    }

    /// <summary>A section that may be given although nothing reads it now.</summary>
    public static IServiceCollection AddKnown<TOptions>(this IServiceCollection services, string section) where TOptions : class =>
        services.AddSingleton(new SettingsSection(section, typeof(TOptions)));
}

/// <summary>Reads one section as it will be used.</summary>
internal sealed class SectionCheck(string section, Func<object> read)
{
    /// <param name="named">Settings of which a fault is known already.</param>
    /// <returns>What else is wrong with it, in plain sentences.</returns>
    public IReadOnlyList<string> Errors(IReadOnlySet<string> named)
    {
        try
        {
            read();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures.Select(Named).Where(failure => !named.Contains(failure.Split(": ")[0]))];
        }
        catch (InvalidOperationException exception) // a value that is not a number, not a time span …
        {
            return named.Any(key => key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase)) ? [] : [exception.Message];
        }
    }

    /// <summary>The generated validators say only the property's name.</summary>
    private string Named(string failure) =>
        failure.EndsWith(" field is required.", StringComparison.Ordinal)
            ? $"{section}:{failure.Split(':')[0]} must not be empty."
        : failure.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && failure.AsSpan(0, colon).IndexOfAny(' ', '\'') < 0
            && !failure.StartsWith(section, StringComparison.Ordinal)
            ? $"{section}:{failure}"
            : failure;
}
