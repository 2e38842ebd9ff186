namespace Samovar.Protocol.Messages;

/// <summary>A conversation that the server keeps: each message continues the one before, and only what is new is sent.</summary>
/// <param name="Previous">The message that is continued; null: a thread begins.</param>
internal sealed record MessagesThread(string? Previous);
