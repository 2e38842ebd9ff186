using Samovar.Protocol.Chat;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Translation;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>A protocol that is spoken at this edge alone: behind it runs the same turn as for every other request.</summary>
internal interface ITranslation
{
    /// <summary>How often a body is there: as it came, and as the create request that it becomes.</summary>
    const int BodyCopies = 2;

    /// <summary>Whose protocol it is: what a chat completion makes can be found as one where it is stored.</summary>
    ClientApi Api { get; }

    /// <exception cref="Samovar.Protocol.Errors.ApiException">The request is wrong; the error names the client's own field.</exception>
    TranslatedRequest Read(ReadOnlyMemory<byte> body, ProtocolLimits limits);
}

/// <summary>OpenAI's Chat Completions.</summary>
internal sealed class ChatTranslation : ITranslation
{
    public ClientApi Api => ClientApi.Chat;

    public TranslatedRequest Read(ReadOnlyMemory<byte> body, ProtocolLimits limits) => ChatRequestReader.Read(body, limits);
}

/// <summary>Anthropic's Messages.</summary>
internal sealed class MessagesTranslation : ITranslation
{
    public ClientApi Api => ClientApi.Messages;

    public TranslatedRequest Read(ReadOnlyMemory<byte> body, ProtocolLimits limits) => MessagesRequestReader.Read(body, limits);
}
