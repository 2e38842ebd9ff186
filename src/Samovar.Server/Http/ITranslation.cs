using Samovar.Protocol.Chat;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Translation;

namespace Samovar.Server.Http;

/// <summary>A protocol that is spoken at this edge alone: behind it runs the same turn as for every other request.</summary>
internal interface ITranslation
{
    /// <summary>How often a body is there: as it came, and as the create request that it becomes.</summary>
    const int BodyCopies = 2;

    /// <summary>Whether what it makes is a chat completion, which can be found as one where it is stored.</summary>
    bool IsChat { get; }

    /// <exception cref="Samovar.Protocol.Errors.ApiException">The request is wrong; the error names the client's own field.</exception>
    TranslatedRequest Read(ReadOnlyMemory<byte> body, ProtocolLimits limits);
}

/// <summary>OpenAI's Chat Completions.</summary>
internal sealed class ChatTranslation : ITranslation
{
    public bool IsChat => true;

    public TranslatedRequest Read(ReadOnlyMemory<byte> body, ProtocolLimits limits) => ChatRequestReader.Read(body, limits);
}

/// <summary>Anthropic's Messages.</summary>
internal sealed class MessagesTranslation : ITranslation
{
    public bool IsChat => false;

    public TranslatedRequest Read(ReadOnlyMemory<byte> body, ProtocolLimits limits) => MessagesRequestReader.Read(body, limits);
}
