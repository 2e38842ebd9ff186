using Microsoft.Extensions.Logging;

namespace Samovar.Backends.Embedded;

/// <summary>Says at load which of a file's templates cannot be used.</summary>
internal static partial class TemplateLog
{
    public static void Write(ILogger logger, string name, EmbeddedModel model)
    {
        if (model.TemplateUse.Fault is { } fault) Log.TemplateRefused(logger, name, fault.Message);
        if (model.ToolTemplateFault is { } toolFault) Log.ToolTemplateRefused(logger, name, toolFault);
    }

    private static partial class Log
    {
        [LoggerMessage(6002, LogLevel.Warning, "Model {Model} has a chat template that cannot be used, ChatML takes its place: {Fault}")]
        public static partial void TemplateRefused(ILogger logger, string model, string fault);

        [LoggerMessage(6012, LogLevel.Warning, "Model {Model} has a template for tools that cannot be used, its plain one is: {Fault}")]
        public static partial void ToolTemplateRefused(ILogger logger, string model, string fault);
    }
}
