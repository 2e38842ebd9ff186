using Samovar.Protocol.Fields;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>How the Messages API calls what a create request has.</summary>
public static class MessagesWords
{
    public const string NewerFormat = "output_config.format";
    public const string OlderFormat = "output_format";

    public static readonly ApiWords All = With(NewerFormat);
    private static readonly ApiWords Older = With(OlderFormat);

    /// <param name="format">Which of its two names is used for the answer's form.</param>
    public static ApiWords For(string format) => format == OlderFormat ? Older : All;

    private static ApiWords With(string format) => new(
        ApiWords.Named(FieldApi.Messages, ("input", "messages"), ("text.format", format)),
        [("input_image", "image"), ("input_file", "document"), ("input_text", "text"), ("required", "any")], MessagesPath.Explain);
}
