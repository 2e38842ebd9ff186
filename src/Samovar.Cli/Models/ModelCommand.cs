using System.CommandLine;
using System.Text.Json;
using Samovar.Engine;
using Samovar.Server.Hosting;

namespace Samovar.Cli.Models;

/// <summary><c>model check FILE</c>: says what a model is before it is served, without loading its weights.</summary>
internal static class ModelCommand
{
    private const int Failed = 1;

    /// <param name="time">The clock.</param>
    /// <param name="where">Options that say where the data folder is.</param>
    /// <param name="dataPath">Reads it from them.</param>
    /// <param name="output">Where the report goes.</param>
    /// <param name="fail">Says what is wrong.</param>
    public static Command Create(
        TimeProvider time, IReadOnlyList<Option> where, Func<ParseResult, string> dataPath, TextWriter output, Func<int, string, int> fail)
    {
        var file = new Argument<string>("FILE") { Description = "The GGUF file, or owner/name of a pulled model." };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var library = new Option<string>("--library")
        {
            Description = "Folder of a libllama build of your own. [the npm package]", HelpName = "DIR",
        };
        var check = new Command("check", "Say what a model file is, how it will be used, and what will be slow.") { file, json, library };
        foreach (var option in where) check.Add(option);
        check.SetAction((parsed, _) =>
        {
            var (path, fault) = PulledModels.Find(parsed.GetValue(file)!, dataPath(parsed));
            return fault is not null ? Task.FromResult(fail(Failed, fault))
                : CheckAsync(path, parsed.GetValue(library), parsed.GetValue(json), time, output, fail);
        });
        return new Command("model", "Look at model files.") { check };
    }

    private static async Task<int> CheckAsync(
        string path, string? library, bool asJson, TimeProvider time, TextWriter output, Func<int, string, int> fail)
    {
        try
        {
            var report = ModelInspection.Of(path, library, time);
            foreach (var line in asJson ? [JsonSerializer.Serialize(report, ModelJson.Default.ModelReport)] : ModelText.Lines(report))
                await output.WriteLineAsync(line);
            return report.Refusal is { } refusal ? fail(Failed, $"{path} cannot be served: {refusal}") : 0;
        }
        catch (EngineLoadException fault)
        {
            return fail(Failed, fault.Message);
        }
    }
}
