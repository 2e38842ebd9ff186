using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Samovar.Gateway.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using static Samovar.Gateway.Faults.ErrorWords;

namespace Samovar.Gateway.Faults;

/// <summary>Reads the many shapes of an upstream's error into one fault.</summary>
internal static partial class FaultReader
{
    private const int MessageLengthMax = 2000, OverContext = 400, TooLarge = 413;

    // Anthropic's, which have no codes beside them.
    private static readonly string[] Types =
    [
        "rate_limit_error", "overloaded_error", "api_error", "authentication_error", "permission_error", "invalid_request_error",
        "not_found_error", "timeout_error", "billing_error",
    ];

    // Of the words for what is wrong with a request, those that no failure of an upstream has in its name.
    private static readonly string[] RequestWords =
        ["invalid", "badrequest", "unsupported", "contextlength", "contextwindow", "exceedcontext", "toolong", "toolarge", "policy"];

    /// <param name="error">The error object, or the whole body or frame around it.</param>
    /// <param name="status">From the status line or the envelope; 0 if unknown.</param>
    /// <param name="retryAfter">What the headers ask for, where the answer has any.</param>
    public static UpstreamFault Read(RawJson error, int status, DateTimeOffset now, TimeSpan? retryAfter = null)
    {
        if (error.Elements() is [var only, ..]) error = only; // Google's answers are lists
        var body = BodyOf(error);
        if (ProxiedErrors.Of(body) is { } behind) return Read(behind, status, now, retryAfter ?? RetryAfterOf(error, body, "", now));
        var own = ErrorWords.Of(body) ?? Said(error.Field("error"u8));
        var message = own ?? Detail(error) ?? Said(error) ?? (status == 0 ? "It gave no reason." : $"HTTP {status}");
        var (code, type) = NamesOf(body);
        var param = Said(body.Field("param"u8)) ?? Place(error.Field("detail"u8).First());
        if (message.Length > MessageLengthMax) message = message[..MessageLengthMax];
        if (status == 0) status = MiniMaxCodes.StatusOf(body);
        status = AccountFaults.StatusOf(status, message, code, type, body.Field("details"u8));
        var kind = KindOf(status, code, type, param, message, isExplained: own is not null && !PathWords().IsMatch(own));
        if (kind == FaultKind.Unauthorized && status is 403 or 0
            && (ContentRefusal.IsSaid(message, code, type) || ContentRefusal.IsIn(body.Field("metadata"u8)))) kind = FaultKind.Refused;
        var fault = new UpstreamFault(kind, message, code, status)
        {
            IsQuoted = true, Type = type, Param = param, RetryAfter = retryAfter ?? RetryAfterOf(error, body, message, now),
        };
        return TooMuch(fault) ?? fault;
    }

    /// <summary>A page where the error should be: whoever wrote it, what is asked is not its affair.</summary>
    public static UpstreamFault ReadPage(int status, DateTimeOffset now, TimeSpan? retryAfter)
    {
        var fault = Read(default, status, now, retryAfter) with { IsPage = true };
        return fault.Kind != FaultKind.Refused ? fault
            : status == TooLarge ? fault with { FitsElsewhere = true }
            : fault with { Kind = FaultKind.Server };
    }

    /// <summary>
    /// A request that would be refused as long as it says so much, whatever else the error is called: a prompt beyond the context, or more
    /// tokens than an account may ever send in a minute. Null for anything else.
    /// </summary>
    private static UpstreamFault? TooMuch(UpstreamFault fault) => fault.Kind switch
    {
        FaultKind.Refused or FaultKind.Server when ContextOverflow.IsSaid(fault.Message, fault.Code, fault.Type) =>
            fault with { Kind = FaultKind.Refused, Code = Errors.ContextLengthExceeded.Code, Type = null, Status = OverContext },
        FaultKind.RateLimited when fault.Status == TooLarge || fault.Message.StartsWith("Request too large", StringComparison.Ordinal) =>
            fault with
            {
                Kind = FaultKind.Refused, Code = Errors.RequestTooLarge.Code, Type = null, Status = TooLarge, FitsElsewhere = true,
                RetryAfter = null,
            },
        _ => null,
    };

    /// <summary>The object that says it: the error, MiniMax's word about a request, or the whole.</summary>
    private static RawJson BodyOf(RawJson error)
    {
        var inner = error.Field("error"u8);
        if (inner.IsSet() && inner.AsText() is null) return inner;
        return error.Field("base_resp"u8) is { IsObject: true } outcome ? outcome : error;
    }

    /// <summary>What an error calls itself: in a flat one the word for its type may stand as its code.</summary>
    private static (string? Code, string? Type) NamesOf(RawJson body)
    {
        var code = Said(body.Field("code"u8)) ?? Said(body.Field("error_code"u8));
        if (code is not null && AsStatus(code) is not null) code = null;
        var type = Said(body.Field("type"u8)) ?? Said(body.Field("__type"u8));
        return type is null or "error" && code is not null && Array.Exists(Types, code.Equals) ? (null, code)
            : (code, type == "error" ? null : type);
    }

    /// <summary>The status that an error names, as a number or in digits; null where it names none.</summary>
    public static int? StatusOf(RawJson error)
    {
        foreach (var (name, value) in error.Fields())
        {
            if (name is not ("status" or "status_code" or "code" or "http_status")) continue;
            if (AsStatus(value.AsText() ?? value.ToString()) is { } status) return status;
        }
        return null;
    }

    private static int? AsStatus(string written) =>
        int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and < 600
            ? status : null;

    /// <summary>An error frame or event: the status may stand in the envelope.</summary>
    public static UpstreamFault ReadEvent(RawJson json, DateTimeOffset now) =>
        Read(json, StatusOf(json) ?? StatusOf(json.Field("error"u8)) ?? 0, now);

    /// <summary><c>response.error</c> of a <c>response.failed</c>.</summary>
    public static UpstreamFault ReadFailed(RawJson response, DateTimeOffset now) 
    {
        var error = response.Field("error"u8);
        return Read(error, StatusOf(error) ?? 0, now);
    }

    private static FaultKind KindOf(int status, string? code, string? type, string? param, string message, bool isExplained)
    {
        if (OfName(code ?? type) is { } named) return named;
        if (UpstreamFault.IsOfModel(code)) return FaultKind.Server;
        if (IsAboutParent(param, message)) return FaultKind.ParentLost;
        if (MissingModel.IsSaid(status, message, code, type, param)) return FaultKind.NoModel;
        // A code that nobody knows beside a type that everybody does.
        if (!IsAboutRequest(code) && OfName(type) is (FaultKind.RateLimited or FaultKind.Unauthorized) and var kind) return kind;
        return OfStatus(status, isExplained, isAboutRequest: param is not null || IsAboutRequest(code) || IsAboutRequest(type));
    }

    private static FaultKind? OfName(string? name) => name switch
    {
        "previous_response_not_found" => FaultKind.ParentLost,
        "websocket_connection_limit_reached" => FaultKind.ConnectionLimit,
        "rate_limit_exceeded" or "slow_down" or "rate_limit_error" or "insufficient_quota" or "usage_limit_reached" =>
            FaultKind.RateLimited,
        "server_error" or "server_is_overloaded" or "overloaded_error" or "api_error" or "internal_server_error" or "timeout_error" =>
            FaultKind.Server,
        "authentication_error" or "permission_error" or "invalid_api_key" or "invalid_token" => FaultKind.Unauthorized,
        _ => null,
    };

    /// <summary>What is wrong with the destination, its account or the way to it is no fault of the request.</summary>
    public static FaultKind OfStatus(int status, bool isExplained, bool isAboutRequest) => status switch
    {
        429 => FaultKind.RateLimited,
        401 or 402 or 403 or 407 => FaultKind.Unauthorized,
        404 or 410 when !isExplained => FaultKind.Server, // a path that is not there
        405 or 406 or 408 or 415 or 421 or 424 or 425 or 426 or 499 or >= 500 => FaultKind.Server,
        < 400 when !isAboutRequest => FaultKind.Server, // it had taken the request, or sent it elsewhere
        _ => FaultKind.Refused,
    };

    /// <summary>How a server says that it does not have the path: which one is asked is not the client's to choose.</summary>
    [GeneratedRegex(@"^(invalid url|unknown request url|unrecognized request url|no route matched|cannot post )"
        + @"|^(file |page |path |route |resource |endpoint )?not found\.?$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PathWords();

    private static bool IsAboutRequest(string? word) => word is not null && RequestWords.Any(
        part => word.Replace("_", "", StringComparison.Ordinal).Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>As FastAPI tells it: a text, or a list of what is wrong with each field.</summary>
    private static string? Detail(RawJson error)
    {
        var detail = error.Field("detail"u8);
        return Said(detail) ?? Said(detail.First().Field("msg"u8));
    }

    /// <summary>The field that FastAPI finds fault with, as our own errors write it.</summary>
    private static string? Place(RawJson detail)
    {
        if (detail.Field("loc"u8).Elements() is not [var start, .. { Count: > 0 } steps] || start.AsText() != "body") return null;
        return string.Concat(steps.Select(step => step.AsText() is { } name ? "." + name : $"[{step}]")).TrimStart('.');
    }

    /// <summary>Engines say it in words of their own.</summary>
    private static bool IsAboutParent(string? param, string message) =>
        (param == "previous_response_id" || message.Contains("revious response", StringComparison.Ordinal)
            || message.Contains("previous_response_id", StringComparison.Ordinal))
        && (message.Contains("not found", StringComparison.OrdinalIgnoreCase)
            || message.StartsWith("Invalid `previous", StringComparison.Ordinal));

    /// <summary>From the headers that a WebSocket's error frame brings along, or from the error itself, its words last.</summary>
    private static TimeSpan? RetryAfterOf(RawJson envelope, RawJson error, string message, DateTimeOffset now)
    {
        var headers = envelope.Field("headers"u8);
        if (headers.IsEmpty) headers = error.Field("headers"u8);
        return RetryAfter.Of(name => Value(headers, name), now)
            ?? (error.Number("resets_in_seconds"u8) is >= 0 and var seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null)
            ?? error.Field("details"u8).Elements().Select(detail => RetryAfter.Duration(detail.Text("retryDelay"u8)))
                .FirstOrDefault(delay => delay is not null)
            ?? RetryAfter.InWords(message);
    }

    private static string? Value(RawJson headers, string name) =>
        headers.Field(Encoding.UTF8.GetBytes(name)) is { IsEmpty: false } value ? value.AsText() ?? value.ToString() : null;
}
