using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using Samovar.Server.Auth;
using Samovar.Server.Http;

namespace Samovar.Server.Page;

/// <summary><c>/page/login</c>, <c>/page/logout</c>, <c>/page/session</c>: a key opens the page for a time. The key itself is kept
/// nowhere.</summary>
internal sealed partial class LoginEndpoint(
    KeyRing keys, PageDoor door, PageLogins logins, LoginPace pace, PageOptions options, HttpOptions http, TimeProvider time,
    ILogger<LoginEndpoint> logger)
{
    private const int BodyBytesMax = 8192;

    /// <summary>Whether one has to log in, and who one is.</summary>
    public Task ShowAsync(HttpContext context) => AnswerAsync(context, door.Find(context)?.Caller);

    public async Task LoginAsync(HttpContext context)
    {
        PageDoor.RequireSameOrigin(context.Request);
        if (!keys.NeedsKeys)
        {
            await AnswerAsync(context, door.Find(context)?.Caller); // and no cookie
            return;
        }
        var key = await ReadKeyAsync(context);
        keys.RequireReadable();
        var address = context.Connection.RemoteIpAddress;
        pace.Enter(address);
        if (keys.Find(key) is not { } caller)
        {
            Log.Refused(logger, address?.ToString());
            throw new ApiException(Errors.InvalidApiKey);
        }
        pace.Forgive(address);
        var id = logins.Begin(caller, key);
        if (door.Login(context) is { } former) logins.End(former);
        context.Response.Cookies.Append(PageDoor.CookieName, id, Terms(context.Request, options.LoginAgeMax));
        await AnswerAsync(context, caller);
    }

    public Task LogoutAsync(HttpContext context)
    {
        PageDoor.RequireSameOrigin(context.Request);
        PageHeaders.Set(context.Response, "no-store");
        if (door.Login(context) is { } login)
        {
            logins.End(login);
            context.Response.Cookies.Append(PageDoor.CookieName, "", Terms(context.Request, TimeSpan.Zero));
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static CookieOptions Terms(HttpRequest request, TimeSpan age) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Path = PageDoor.CookiePath,
        MaxAge = age,
        Secure = request.IsHttps
            || string.Equals(request.Headers["X-Forwarded-Proto"], "https", StringComparison.OrdinalIgnoreCase), // it can only be stricter
    };

    private static Task AnswerAsync(HttpContext context, Caller? caller)
    {
        PageHeaders.Set(context.Response, "no-store");
        return JsonReply.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("needs_login"u8, caller is null);
            json.WriteString("tenant"u8, caller?.Tenant.Value);
            json.WriteBoolean("operator"u8, caller?.IsOperator == true);
            json.WriteEndObject();
        });
    }

    private async Task<string> ReadKeyAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType()) // a form, which any site may send, has another
            throw new ApiException(Errors.UnsupportedMediaType, context.Request.ContentType);
        var body = await ReadBodyAsync(context);
        try
        {
            var key = new RawJson(body).Field("key"u8);
            if (key.IsEmpty) throw new ApiException(Errors.MissingParameter, "key", "key");
            return key.AsText() is { Length: > 0 } text ? text
                : throw new ApiException(Errors.InvalidType, ["key", "a string", "something else"], "key");
        }
        catch (JsonException)
        {
            throw new ApiException(Errors.InvalidJson, "it is not an object with a key"); // the cause would quote it
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        using var late = new CancellationTokenSource(http.BodyTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        var body = new byte[BodyBytesMax + 1];
        try
        {
            var length = await context.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, either.Token);
            return length <= BodyBytesMax ? body.AsMemory(0, length)
                : throw new ApiException(Errors.RequestTooLarge, ["too many", BodyBytesMax]);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw new ApiException(Errors.RequestTooSlow, http.BodyTimeMax);
        }
        catch (Exception exception) when (HttpFaults.IsOfRequest(exception) && !context.RequestAborted.IsCancellationRequested)
        {
            throw HttpFaults.Of(exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8901, LogLevel.Warning, "A login to the page with a wrong key, from {Address}")]
        public static partial void Refused(ILogger logger, string? address);
    }
}
