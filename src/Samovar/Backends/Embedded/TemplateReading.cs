using Samovar.Engine;

namespace Samovar.Backends.Embedded;

/// <summary>What a model's template turned out to be when the model was loaded, for operators.</summary>
/// <param name="Use">Which template renders prompts.</param>
/// <param name="Dialect">How the model is taken to write calls.</param>
/// <param name="Took">How long it took to find that out.</param>
internal sealed record TemplateReading(TemplateUse Use, string Dialect, TimeSpan Took)
{
    /// <summary>Why the file's template for tools is not used, though its plain one is; null where it is, or there is none.</summary>
    public string? ToolFault { get; init; }

    /// <summary>Reads a model, and notes what came of it.</summary>
    public static (EmbeddedModel Model, TemplateReading Reading) Of(ISequenceEngine engine, EmbeddedOptions options, TimeProvider time)
    {
        var from = time.GetTimestamp();
        var model = EmbeddedModel.Read(engine, options, time);
        return (model, new TemplateReading(model.TemplateUse, model.Writes.ToString(), time.GetElapsedTime(from))
        {
            ToolFault = model.ToolTemplateFault,
        });
    }
}
