using System.Text.Json;
using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Engine;
using Samovar.Engine.Tokens;
using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Cli.Models;

/// <summary>Looks at a model's file without loading its weights.</summary>
internal static class ModelInspection
{
    /// <exception cref="EngineLoadException">The file is no model; the message is for its owner.</exception>
    public static ModelReport Of(string path, string? libraryPath, TimeProvider time)
    {
        var file = GgufMetadata.Read(path);
        var state = StateShape.Of(file);
        var memory = new MemoryReport(
            JsonNamingPolicy.SnakeCaseLower.ConvertName(state.Kind.ToString()), state.BytesPerToken, state.BytesPerSequence,
                state.WindowTokens);
        var report = new ModelReport(
            Path.GetFullPath(path), file.Text("general.name") ?? "", file.Architecture, file.FileBytes, (long)file.Parameters,
            (int)Math.Min(int.MaxValue, file.Number("context_length") ?? 0), memory, Template(file));
        try
        {
            using var vocabulary = ModelVocabulary.Load(path, libraryPath);
            report = WithTokens(report, FileEngine.Of(path, file, state, vocabulary.Tokenizer), time);
        }
        catch (EngineLoadException fault)
        {
            report = report with { Refusal = $"Its tokens cannot be read, so that calls and turns were not looked at: {fault.Message}" };
        }
        return report with
        {
            Notes = [.. ModelNotes.Of(report, file, state)],
            Refusal = report.Refusal ?? (ModelNotes.IsEmbedder(file) ? "It makes embeddings, not text." : null),
        };
    }

    private static TemplateReport Template(GgufMetadata file)
    {
        var named = FileEngine.Names(file).ToList();
        if (file.Text(FileEngine.TemplateKey) is not { Length: > 0 } source) return new TemplateReport("chatml", named, null, []);
        try
        {
            return new TemplateReport("model", named, null, ChatTemplate.Parse(source).Unknown);
        }
        catch (TemplateException fault)
        {
            return new TemplateReport("chatml", named, Fault(fault), []);
        }
    }

    /// <summary>The one place that asks the model's room: whatever it learns at load is learned here alike.</summary>
    private static ModelReport WithTokens(ModelReport report, FileEngine engine, TimeProvider time)
    {
        var model = EmbeddedModel.Read(engine, new EmbeddedOptions(), time);
        var template = model.TemplateUse.Fault is { } fault ? report.Template with { Used = "chatml", Fault = Fault(fault) }
            : report.Template with { Used = model.TemplateUse.Used };
        return report with
        {
            Dialect = model.Writes.ToString(),
            Call = CallExample.Of(model.Writes),
            ThinkingSwitches = [.. model.Switches.Names],
            ThoughtsKeptBy = model.ThoughtSwitch?.ToString(),
            Template = template with { Chosen = model.TemplateUse.Name, Renders = [.. TurnCheck.Abilities(model.Facts)] },
            Turns = [.. TurnCheck.Of(model)],
        };
    }

    private static TemplateFaultReport Fault(TemplateException fault) => new(fault.Reason, fault.Line, fault.Column, fault.Construct);
}
