using Samovar.Protocol.Fields;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>How the Messages API calls what a create request has.</summary>
public static class MessagesWords
{
    public static readonly ApiWords All = new(
        ApiWords.Named(FieldApi.Messages, ("input", "messages")),
        [("input_image", "image"), ("input_file", "document"), ("input_text", "text"), ("required", "any")], MessagesPath.Explain);
}
