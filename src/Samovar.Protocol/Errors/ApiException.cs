using System.Globalization;
using Samovar.Protocol.Ids;

namespace Samovar.Protocol.Errors;

/// <summary>The one exception that becomes an error on the wire.</summary>
public sealed class ApiException(ErrorKind kind, object?[] arguments, string? param = null, TimeSpan? retryAfter = null,
    Exception? cause = null)
    : Exception(Text(kind, arguments), cause)
{
    /// <summary>Characters of one argument or path that an answer repeats; a client's own megabytes are not sent back.</summary>
    private const int QuotedCharsMax = 256;

    public ApiException(ErrorKind kind, object? argument, string? param = null, TimeSpan? retryAfter = null, Exception? cause = null)
        : this(kind, [argument], param, retryAfter, cause) { }

    public ApiException(ErrorKind kind) : this(kind, Array.Empty<object?>()) { }

    public ErrorKind Kind { get; } = kind;

    /// <summary>The offending field, with dots and <c>[n]</c>: <c>input[0].content[1].text</c>.</summary>
    public string? Param { get; } = param is null ? null : Clip(param);
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>For a WebSocket frame that was refused: whose it was. Null when it belongs to no lane: broken JSON, an invalid lane
    /// name.</summary>
    public RejectedFrame? Frame { get; internal set; }

    /// <summary>The same error about a field of another name, the one that the client knows it by; its text names that one too.</summary>
    public ApiException At(string? param) => With(
        Kind, Param is null || param is null ? Message : Message.Replace($"'{Param}'", $"'{param}'", StringComparison.Ordinal), param,
        RetryAfter, this);

    /// <summary>The same error in other words.</summary>
    public ApiException Saying(string message) => With(Kind, message, Param, RetryAfter, this);

    /// <summary>An error whose message was made before.</summary>
    public static ApiException With(ErrorKind kind, string message, string? param = null, TimeSpan? retryAfter = null,
        Exception? cause = null)
    {
        var literal = message.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        return new ApiException(kind with { Message = literal }, [], param, retryAfter, cause);
    }

    private static string Text(ErrorKind kind, object?[] arguments) =>
        string.Format(CultureInfo.InvariantCulture, kind.Message, [.. arguments.Select(Quoted)]);

    private static object? Quoted(object? argument) => argument switch
    {
        OwnWords own => own.Text,
        string text => Clip(text),
        TimeSpan time => DurationText.Of(time),
        _ => argument,
    };

    private static string Clip(string text)
    {
        if (text.Length <= QuotedCharsMax) return text;
        var end = char.IsHighSurrogate(text[QuotedCharsMax - 1]) ? QuotedCharsMax - 1 : QuotedCharsMax;
        return text[..end] + "…";
    }
}

/// <summary>An argument of an error that no client wrote: it is said in full.</summary>
internal sealed record OwnWords(string Text);

/// <summary>The frame an error is about, as far as it could be read.</summary>
/// <param name="Lane">A valid lane: the error carries its name.</param>
/// <param name="Previous">The response a create named: a failed continuation on the same lane lets go of it.</param>
public sealed record RejectedFrame(LaneId Lane, ResponseId? Previous);
