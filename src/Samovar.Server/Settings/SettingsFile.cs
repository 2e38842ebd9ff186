using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;

namespace Samovar.Server.Settings;

/// <summary>The JSON file with settings.</summary>
internal static class SettingsFile
{
    public const string UsualName = "samovar.json";

    /// <param name="path">A file that must exist; null takes the usual one, if there is one.</param>
    /// <exception cref="InvalidDataException">It cannot be read; the message is a sentence.</exception>
    public static void AddSettingsFile(this IConfigurationBuilder configuration, string? path)
    {
        if (path is { Length: 0 }) throw new InvalidDataException("--config needs the path of a settings file.");
        var full = Path.GetFullPath(path ?? Usual(Directory.GetCurrentDirectory(), UserFolders.Current.Settings));
        if (Directory.Exists(full)) throw new InvalidDataException($"The settings file {full} is a folder.");
        if (path is not null && !File.Exists(full)) throw new InvalidDataException($"There is no settings file {full} (--config).");
        try
        {
            configuration.AddJsonFile(source =>
            {
                // The usual provider does not see files whose name begins with a dot.
                source.FileProvider = new PhysicalFileProvider(Path.GetDirectoryName(full)!, ExclusionFilters.None);
                (source.Path, source.Optional) = (Path.GetFileName(full), path is null);
            });
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(Sentence(full, exception), exception);
        }
    }

    /// <summary><see cref="UsualName"/> of the working folder; where it has none, that of the user's folder for settings.</summary>
    internal static string Usual(string working, string? ofUser)
    {
        var here = Path.Combine(working, UsualName);
        if (ofUser is null || Path.Exists(here)) return here;
        var usual = Path.Combine(ofUser, UsualName);
        return File.Exists(usual) ? usual : here; // what is not there may be missing, its folder not
    }

    /// <summary>What is wrong with a file that could not be read.</summary>
    public static string Sentence(string path, Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is JsonException json) return $"{path}, {Place(json)}: {Reason(json)}";
        return SettingsText.FaultOf(path) is { } fault ? $"{path}, {fault}"
            : $"The settings file {path} cannot be used: {exception.GetBaseException().Message}";
    }

    private static string Place(JsonException json) => $"line {json.LineNumber + 1}, column {json.BytePositionInLine + 1}";

    /// <summary>Without the place, which the parser appends to its reason counted from 0.</summary>
    private static string Reason(JsonException json)
    {
        if (json is { LineNumber: null or 0, BytePositionInLine: null or 0 }) return "the file is empty; '{}' is the least that is JSON.";
        var end = json.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? json.Message : json.Message[..end];
    }
}
