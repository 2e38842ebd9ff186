using Samovar.Protocol.Fields;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Chat;

/// <summary>How Chat Completions call what a create request has.</summary>
public static class ChatWords
{
    public const string NewerLimit = "max_completion_tokens";
    public const string OlderLimit = "max_tokens";

    private static readonly (string, string)[] Kinds = [("input_image", "image_url"), ("input_file", "file"), ("input_text", "text")];
    private static readonly ApiWords Newer = With(NewerLimit);
    private static readonly ApiWords Older = With(OlderLimit);

    /// <param name="outputLimit">Which of its two names is used for the longest answer.</param>
    public static ApiWords For(string outputLimit) => outputLimit == OlderLimit ? Older : Newer;

    private static ApiWords With(string outputLimit) => new(
        ApiWords.Named(FieldApi.Chat, ("input", "messages"), ("max_output_tokens", outputLimit)), Kinds, static error => error);
}
