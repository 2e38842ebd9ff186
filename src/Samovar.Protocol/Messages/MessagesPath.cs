using Samovar.Protocol.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Names places as clients of the Messages API know them: <c>messages.2.content.0.text</c>.</summary>
public static class MessagesPath
{
    /// <summary>The same error in that form. Clients of this protocol read the message alone, so it names the field.</summary>
    public static ApiException Explain(ApiException error)
    {
        if (error.Param is not { } param) return error;
        error = ThreadFailure.Named(error);
        var path = param.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
        var renamed = path == param ? error : error.At(path);
        if (PromptTooLong.IsMeant(error.Kind)) return renamed; // its words begin the message
        return renamed.Message.Contains(path, StringComparison.Ordinal) ? renamed : renamed.Saying($"{path}: {renamed.Message}");
    }
}
