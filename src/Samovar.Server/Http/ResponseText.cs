using Samovar.Protocol.Responses;

namespace Samovar.Server.Http;

internal static class ResponseText { public static ReadOnlyMemory<byte> Of(Response response) => throw new NotSupportedException(response.Id.Value); }
