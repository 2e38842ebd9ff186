using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Samovar.Gateway.Destinations;

namespace Samovar.Server.Http;

/// <summary>Bounds of the HTTP surface.</summary>
internal sealed class HttpOptions
{
    public const string Section = "Http";

    /// <summary>Bytes of a request's body, after decompression.</summary>
    [Range(1024, 1 << 30)] public int BodyBytesMax { get; set; } = 16 << 20;

    /// <summary>How long a client may take to send its body.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan BodyTimeMax { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// An event stream that is silent for this long gets a comment line. The answer's head and the first comment go out after this time,
    /// too, where the turn has not begun; until then what is refused has its HTTP status.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whether a whole answer that takes long begins with white space, one space every <see cref="KeepAliveInterval"/>. Its status is 200
    /// then, also where the body turns out to be an error.
    /// </summary>
    public bool WholeKeepAlive { get; set; }

    /// <summary>How long a client may take to accept the next bytes of its answer; then it is cut off, and its turn is cancelled.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan WriteTimeMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Events that are ready go out together up to this many bytes.</summary>
    [Range(1024, 1 << 24)] public int WriteBytesMax { get; set; } = 64 << 10;

    /// <summary>Bytes of one page of a list: behind the entry that passes it the page ends, and says that more follows.</summary>
    [Range(1, 1 << 30)] public int ListBytesMax { get; set; } = 16 << 20;

    /// <summary>Further paths of the create endpoint and its WebSocket, beside <c>/v1/responses</c> and the ones known agents
    /// use.</summary>
    public string[] ExtraResponsesPaths { get; set; } = [];

    private static readonly string[] UsualPaths = ["/v1/responses", "/responses", "/codex/responses", "/v1/codex/responses"];

    /// <summary>Where chat completions are answered.</summary>
    public static readonly IReadOnlyList<string> ChatPaths = ["/v1/chat/completions", "/chat/completions"];

    /// <summary>Where conversations are answered.</summary>
    public static readonly IReadOnlyList<string> ConversationPaths = ["/v1/conversations", "/conversations"];

    /// <summary>Where the create endpoint and its WebSocket answer, and what is stored below them.</summary>
    public IEnumerable<string> ResponsesPaths() => UsualPaths.Union(ExtraResponsesPaths, StringComparer.OrdinalIgnoreCase);
}

[OptionsValidator]
internal sealed partial class HttpOptionsValidator : IValidateOptions<HttpOptions>;

/// <summary>Every mapped path must end in <c>/responses</c>, as clients build it.</summary>
internal sealed class PathCheck : IValidateOptions<HttpOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        var wrong = options.ExtraResponsesPaths.Where(path => !IsResponsesPath(path)).ToList();
        return wrong.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(path =>
                $"Http:ExtraResponsesPaths: '{path}' must start with '/', end in '/responses', and hold no '//', dots or signs."));
    }

    private static bool IsResponsesPath(string path) =>
        path.StartsWith('/') && path.EndsWith("/responses", StringComparison.Ordinal) && path.AsSpan().IndexOfAny("{}*?") < 0
        && AddressRule.FaultOfPath(path) is null;
}
