using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Settings;

/// <summary>The JSON file with settings.</summary>
internal static class SettingsFile
{
    public const string UsualName = "samovar.json";

    /// <param name="path">A file that must exist; null takes <see cref="UsualName"/> of the working folder, if there is one.</param>
    /// <exception cref="InvalidDataException">It cannot be read; the message is a sentence.</exception>
    public static void AddSettingsFile(this IConfigurationBuilder configuration, string? path)
    {
        var full = Path.GetFullPath(path ?? UsualName);
        if (Directory.Exists(full)) throw new InvalidDataException($"The settings file {full} is a folder.");
        if (path is not null && !File.Exists(full)) throw new InvalidDataException($"There is no settings file {full} (--config).");
        try
        {
            configuration.AddJsonFile(full, optional: path is null, reloadOnChange: false);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(Sentence(full, exception), exception);
        }
    }

    /// <summary>What is wrong with a file that could not be read.</summary>
    public static string Sentence(string path, Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is JsonException json)
                return $"{path}, line {json.LineNumber + 1}, column {json.BytePositionInLine + 1}: {Reason(json)}";
        return $"The settings file {path} cannot be used: {exception.GetBaseException().Message}";
    }

    /// <summary>Without the place, which the parser appends to its reason counted from 0.</summary>
    private static string Reason(JsonException json)
    {
        var end = json.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? json.Message : json.Message[..end];
    }
}
