namespace Samovar.Protocol.Requests;

/// <summary>How a Messages client asks for thoughts, where an effort does not say it: newer models of that API want it in these
/// words.</summary>
/// <param name="Type">Null where the client does not speak of thinking: its model does as it is used to.</param>
/// <param name="Display">Whether thoughts come with their text; null leaves it to the model.</param>
/// <param name="Effort">As the client says it, whatever it says of thinking.</param>
public sealed record MessagesThinking(string? Type, string? Display, string? Effort);
