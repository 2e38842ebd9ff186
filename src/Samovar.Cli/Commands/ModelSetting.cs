using System.CommandLine;
using System.CommandLine.Parsing;
using Samovar.Backends.Models;
using Samovar.Server.Hosting;

namespace Samovar.Cli.Commands;

/// <summary><c>--model</c>: one file, or several under names, each of which is loaded when it is first asked for.</summary>
internal sealed class ModelSetting() : Setting(SamovarHost.ModelPath)
{
    private const string Served = $"{ModelsOptions.Section}:{nameof(ModelsOptions.Served)}";
    private const string Extension = ".gguf";
    private const int NameCharsMax = 256;

    private readonly Option<string[]> _option = new("--model")
    {
        Description = "The GGUF file to serve, or a model that was pulled (owner/name); " +
            "several: NAME=PATH, each loaded when it is first asked for.",
        HelpName = "PATH",
        CustomParser = Read,
    };

    public override Option Option => _option;

    /// <summary>The one file; null where models have names.</summary>
    public override string? Read(ParseResult parsed) => Given(parsed) is [{ Name: null } only] ? only.Path : null;

    public override IEnumerable<KeyValuePair<string, string>> ReadAll(ParseResult parsed)
    {
        var given = Given(parsed);
        if (given is [{ Name: null } only]) return [new(Key, only.Path)];
        return given.Select(static model => KeyValuePair.Create(
            $"{Served}:{model.Name ?? NameOf(model.Path)}:{nameof(ServedModelOptions.Path)}", model.Path));
    }

    private NamedFile[] Given(ParseResult parsed) =>
        parsed.GetResult(_option) is { Implicit: false } ? [.. (parsed.GetValue(_option) ?? []).Select(Split)] : [];

    private static string[] Read(ArgumentResult read)
    {
        var files = read.Tokens.Select(token => Split(token.Value)).ToList();
        if (files is not [{ Name: null }])
            foreach (var named in files.GroupBy(file => file.Name ?? NameOf(file.Path), StringComparer.OrdinalIgnoreCase))
                if (FaultOf(named.Key) is { } fault) read.AddError(fault);
                else if (named.Count() > 1) read.AddError($"--model names '{named.Key}' for the second time; say NAME=PATH.");
        return [.. read.Tokens.Select(token => token.Value)];
    }

    private static string? FaultOf(string name) =>
        name.Length is > 0 and <= NameCharsMax && !name.Contains(':') && !name.Any(char.IsControl) ? null
            : $"--model: '{name}' cannot be a model's name; say NAME=PATH, without a colon in NAME.";

    /// <summary>What is a file as it stands has no name in front of it.</summary>
    private static NamedFile Split(string text) =>
        !File.Exists(text) && text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? new NamedFile(text[..at], text[(at + 1)..])
            : new NamedFile(null, text);

    /// <summary>A file's own name, or the name that it was pulled by.</summary>
    private static string NameOf(string path) =>
        path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? Path.GetFileName(path)[..^Extension.Length] : path;

    private sealed record NamedFile(string? Name, string Path);
}
