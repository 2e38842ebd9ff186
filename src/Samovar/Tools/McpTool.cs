using System.Text;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>A server of tools as a request names it.</summary>
/// <param name="Label">What the client calls it.</param>
/// <param name="Param">Where in the request it stands.</param>
public sealed record McpTool(string Label, string Param)
{
    private const int LabelCharsMax = 32;
    private const int UrlCharsMax = 2048;
    private const int HeadersMax = 32;
    private const int HeaderCharsMax = 16 << 10;

    /// <summary>What the operator calls it; empty until it was looked for.</summary>
    public string Entry { get; init; } = "";

    public string? Url { get; private init; }
    public string? Connector { get; private init; }
    public string? Description { get; private init; }
    internal ToolFilter Allowed { get; private init; } = ToolFilter.All;
    internal ApprovalRule Approval { get; private init; } = ApprovalRule.Always;

    /// <summary>What only this turn knows.</summary>
    public ToolCredentials Credentials { get; private init; } = ToolCredentials.None;

    /// <summary>The server in the client's own words.</summary>
    public string Named => Url ?? Connector ?? Label;

    /// <summary>A server that the operator has named, for a tool of Samovar's own.</summary>
    public static McpTool Own(string name, string param) => new(name, param) { Entry = name };

    /// <param name="tool">An <c>mcp</c> tool.</param>
    /// <param name="param">Where in the request it stands.</param>
    /// <exception cref="ApiException">It says something wrong.</exception>
    internal static McpTool Read(Tool.Other tool, string param)
    {
        var json = tool.SentJson;
        var label = json.Text("server_label"u8) ?? throw new ApiException(Errors.MissingParameter, $"{param}.server_label",
            $"{param}.server_label");
        var isName = label.Length is > 0 and <= LabelCharsMax && label.AsSpan().IndexOfAnyExcept(Letters) < 0;
        if (!isName || label.Contains("__", StringComparison.Ordinal))
            throw Wrong(param, "server_label", $"1 to {LabelCharsMax} letters, digits, '-' and '_', no two '_' together");
        var url = Text(json, param, "server_url", UrlCharsMax);
        var connector = Text(json, param, "connector_id", LabelCharsMax);
        if (url is not null && connector is not null)
            throw new ApiException(Errors.MutuallyExclusive, ["server_url", "connector_id"], $"{param}.connector_id");
        return new McpTool(label, param)
        {
            Url = url, Connector = connector, Description = Text(json, param, "server_description", HeaderCharsMax),
            Allowed = ToolFilter.Read(json.Field("allowed_tools"u8), $"{param}.allowed_tools"),
            Approval = ApprovalRule.Read(json.Field("require_approval"u8), $"{param}.require_approval"),
            Credentials = new ToolCredentials(TokenOf(json, param), HeadersOf(json, param)),
        };
    }

    internal static ApiException Wrong(string param, string field, string expected) =>
        new(Errors.InvalidType, [$"{param}.{field}", expected, "another value"], $"{param}.{field}");

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static string? Text(RawJson json, string param, string field, int charsMax)
    {
        var value = json.Field(Encoding.UTF8.GetBytes(field));
        if (value.IsEmpty || value.IsNull) return null;
        var text = value.AsText() ?? throw Wrong(param, field, "a string");
        return text.Length <= charsMax ? text
            : throw new ApiException(Errors.StringTooLong, [$"{param}.{field}", charsMax, text.Length], $"{param}.{field}");
    }

    private static string? TokenOf(RawJson json, string param)
    {
        var token = Text(json, param, "authorization", HeaderCharsMax);
        return token is null || IsValue(token) ? token : throw Wrong(param, "authorization", "a string that a header may hold");
    }

    private static List<KeyValuePair<string, string>> HeadersOf(RawJson json, string param)
    {
        var value = json.Field("headers"u8);
        if (value.IsEmpty || value.IsNull) return [];
        if (!value.IsObject) throw Wrong(param, "headers", "an object of strings");
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, text) in value.Fields())
        {
            if (headers.Count == HeadersMax)
                throw new ApiException(Errors.TooManyProperties, [$"{param}.headers", HeadersMax], $"{param}.headers");
            var said = text.AsText();
            if (said is null || said.Length > HeaderCharsMax || name.Length is 0 or > 256 || !IsHeader(name, said))
                throw Wrong(param, "headers", "an object of strings that headers may hold");
            headers.Add(new(name, said));
        }
        return headers;
    }

    private static bool IsHeader(string name, string value) =>
        name.All(static letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal))
        && IsValue(value) && !OfBodies.Contains(name);

    private static bool IsValue(string value) => value.All(static letter => letter is >= ' ' and < '\u007f' or '\t');

    /// <summary>Headers of what is sent, of which a request has its own or none.</summary>
    private static readonly HashSet<string> OfBodies = new(StringComparer.OrdinalIgnoreCase)
    {
        "Allow", "Content-Disposition", "Content-Language", "Content-Location", "Content-MD5", "Content-Range", "Expires", "Last-Modified",
    };
}

/// <summary>What a request brings for a server of tools: never shown, written or kept.</summary>
public sealed class ToolCredentials(string? authorization, IReadOnlyList<KeyValuePair<string, string>> headers)
{
    public static readonly ToolCredentials None = new(null, []);

    /// <summary>The token of <c>Authorization: Bearer</c>.</summary>
    public string? Authorization { get; } = authorization;
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; } = headers;

    public bool IsEmpty => Authorization is null && Headers.Count == 0;

    public override string ToString() => IsEmpty ? "(none)" : "(secret)";
}
