using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Server.Auth;
using Samovar.Server.Draining;

namespace Samovar.Server.Http;

/// <summary>Around every HTTP request: its id, and the one place where a failure becomes a status and a body.</summary>
internal sealed partial class HttpEdge(RequestDelegate next, PageGuard guard, ServerLife life, IdSource ids, ILogger<HttpEdge> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var id = NewId(ids);
        Mark(http.Response.Headers, id);
        if (life.IsDraining && HttpProtocol.IsHttp11(http.Request.Protocol))
            http.Response.Headers.Connection = "close"; // whoever asks again asks another: this connection ends with the listener
        try
        {
            await AnswerAsync(http, id);
        }
        catch (Exception exception) when (IsCallerGone(http, exception))
        {
            Log.CallerGone(logger, id);
        }
        catch (SlowReaderException exception)
        {
            Log.ReaderTooSlow(logger, id, exception.Message);
            http.Abort();
        }
    }

    public static string NewId(IdSource ids) => "req_" + ids.Next();

    /// <summary>What every answer has.</summary>
    public static void Mark(IHeaderDictionary headers, string id)
    {
        headers["x-request-id"] = id;
        headers["request-id"] = id; // where clients of the Messages API look for it
        headers["openai-version"] = "2020-10-01";
    }

    private async Task AnswerAsync(HttpContext http, string id)
    {
        try
        {
            guard.Check(http.Request);
            await next(http);
            if (http.Response is { HasStarted: false, ContentType: null } && Unanswered(http) is { } error)
                await ReplyAsync(http, id, error);
        }
        catch (Exception exception) when (exception is not SlowReaderException && !IsCallerGone(http, exception))
        {
            await FailAsync(http, id, exception);
        }
    }

    private static bool IsCallerGone(HttpContext http, Exception exception) =>
        exception is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested;

    private async Task FailAsync(HttpContext http, string id, Exception exception)
    {
        var error = exception switch
        {
            ApiException api => api,
            BadHttpRequestException bad => HttpFaults.Of(bad),
            _ => new ApiException(Errors.Internal, [], cause: exception),
        };
        if (ReferenceEquals(error.Kind, Errors.Internal)) Log.Failed(logger, id, exception);
        if (http.Response.HasStarted) http.Abort(); // half an answer must not look whole
        else await ReplyAsync(http, id, error);
    }

    private static ApiException? Unanswered(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new ApiException(Errors.UnknownUrl, [http.Request.Method, http.Request.Path.Value]),
        StatusCodes.Status405MethodNotAllowed => new ApiException(Errors.MethodNotAllowed, http.Request.Method),
        _ => null,
    };

    private static Task ReplyAsync(HttpContext http, string id, ApiException error)
    {
        if (error.RetryAfter is { } wait) http.Response.Headers.RetryAfter = ErrorBody.RetryAfterSeconds(wait);
        if (error.Kind.Status == StatusCodes.Status408RequestTimeout) http.Response.Headers.Connection = "close"; // its body may still come
        if (error.Kind.Status == StatusCodes.Status426UpgradeRequired) http.Response.Headers.Upgrade = "websocket";
        return JsonReply.WriteAsync(http, error.Kind.Status, ErrorShape.Of(http.Request).Body(error, id));
    }

    private static partial class Log
    {
        [LoggerMessage(8301, LogLevel.Debug, "{RequestId}: the caller is gone")]
        public static partial void CallerGone(ILogger logger, string requestId);

        [LoggerMessage(8303, LogLevel.Information, "{RequestId}: {Reason}")]
        public static partial void ReaderTooSlow(ILogger logger, string requestId, string reason);

        [LoggerMessage(8302, LogLevel.Error, "{RequestId} failed")]
        public static partial void Failed(ILogger logger, string requestId, Exception exception);
    }
}
