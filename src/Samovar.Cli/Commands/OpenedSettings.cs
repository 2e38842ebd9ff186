using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Server.Hosting;

namespace Samovar.Cli.Commands;

/// <summary>Settings as they would be served with, or what is wrong with them; <c>up</c> and <c>config check</c> read them alike.</summary>
/// <param name="App">Null where something is wrong.</param>
/// <param name="Found">The model that is served where the settings name nothing.</param>
internal sealed record OpenedSettings(WebApplication? App, string? Found, IReadOnlyList<string> Errors)
{
    /// <param name="findsModel">Whether the best model at hand is taken when none is named.</param>
    public static async Task<OpenedSettings> ReadAsync(
        Dictionary<string, string?> settings, string? configPath, bool findsModel, IReadOnlyDictionary<string, string>? variables,
        Action<IServiceCollection>? configure = null)
    {
        var found = findsModel ? ModelFiles.Best() : null;
        WebApplication app;
        try { app = SamovarHost.Build(settings, configPath, configure, found, variables); }
        catch (InvalidDataException exception) { return new OpenedSettings(null, found, [exception.Message]); }
        var errors = SamovarHost.Check(app, ServeSettings.Flags);
        if (errors.Count == 0) return new OpenedSettings(app, found, []);
        var isNothingFound = findsModel && found is null &&
            errors.Any(error => error.StartsWith(SamovarHost.NoModel, StringComparison.Ordinal));
        await app.DisposeAsync();
        return new OpenedSettings(null, found,
            isNothingFound ? [.. errors, "(No GGUF file was found in the models folder.)"] : errors);
    }
}
