using System.CommandLine;
using System.Text.Json;
using Samovar.Engine;

namespace Samovar.Cli.Models;

/// <summary><c>model check FILE</c>: says what a model is before it is served, without loading its weights.</summary>
internal static class ModelCommand
{
    private const int Failed = 1;

    public static Command Create(TimeProvider time, TextWriter output, Func<int, string, int> fail)
    {
        var file = new Argument<string>("FILE") { Description = "The GGUF file." };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var library = new Option<string>("--library")
        {
            Description = "Folder of a libllama build of your own. [the npm package]", HelpName = "DIR",
        };
        var check = new Command("check", "Say what a model file is, how it will be used, and what will be slow.") { file, json, library };
        check.SetAction((parsed, _) =>
            CheckAsync(parsed.GetValue(file)!, parsed.GetValue(library), parsed.GetValue(json), time, output, fail));
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
            return 0;
        }
        catch (EngineLoadException fault)
        {
            return fail(Failed, fault.Message);
        }
    }
}
