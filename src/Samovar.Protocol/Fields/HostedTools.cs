namespace Samovar.Protocol.Fields;

/// <summary>The kinds of tools that a provider runs, or that it knows without a schema: carried, or left out and named in the
/// record.</summary>
internal static class HostedTools
{
    /// <summary>A year, a month and a day.</summary>
    private const int DateDigits = 8;

    /// <summary>Kinds of the Responses API, some with a date behind their name.</summary>
    public static readonly IReadOnlyList<string> Kinds =
    [
        "apply_patch", "code_execution", "code_interpreter", "collections_search", "computer", "computer_use_preview", "file_search",
        "image_generation", "local_shell", "mcp", "programmatic_tool_calling", "shell", "tool_search", "web_search",
        "web_search_preview", "x_search",
    ];

    /// <summary>Kinds of the Messages API, each with a date behind its name.</summary>
    public static readonly IReadOnlyList<string> DatedMessagesKinds =
    [
        "advisor", "bash", "browser_toolset", "code_execution", "computer", "computer_toolset", "memory", "text_editor",
        "tool_search_tool_bm25", "tool_search_tool_regex", "web_fetch", "web_search",
    ];

    /// <summary>Kinds of the Messages API that may stand without a date.</summary>
    public static readonly IReadOnlyList<string> UndatedMessagesKinds = ["mcp_toolset", "tool_search_tool_bm25", "tool_search_tool_regex"];

    /// <summary>What the error for a wrong kind lists.</summary>
    public static readonly string Known = "'function', 'custom', 'namespace', '" + string.Join("', '", Kinds) + "'";

    /// <summary>The same for a tool in a namespace: they do not nest.</summary>
    public static readonly string KnownNested = "'function', 'custom', '" + string.Join("', '", Kinds) + "'";

    /// <summary>Whether a provider's tool is called so: by a name of its own, by one with a date, or as <c>provider:name</c>.</summary>
    public static bool Has(string type) => Kinds.Contains(Undated(type) ?? type, StringComparer.Ordinal) || IsOfMessages(type)
        || (type.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < type.Length - 1);

    /// <summary>The kind of the Responses API that a type names, without its date; the type itself where it names none.</summary>
    public static string KindOf(string type) =>
        !IsOfMessages(type) && Undated(type) is { } kind && Kinds.Contains(kind, StringComparer.Ordinal) ? kind : type;

    /// <summary>Whether it is one of the Messages API's: <c>web_search_20250305</c>, <c>mcp_toolset</c>.</summary>
    public static bool IsOfMessages(string type) => UndatedMessagesKinds.Contains(type, StringComparer.Ordinal)
        || (type.Length > DateDigits && type[^(DateDigits + 1)] == '_' && type[^DateDigits..].All(char.IsAsciiDigit)
            && DatedMessagesKinds.Contains(type[..^(DateDigits + 1)], StringComparer.Ordinal));

    /// <summary>The name before a date, whose parts may stand apart: <c>web_search_2025_08_26</c>; null without one.</summary>
    private static string? Undated(string type)
    {
        var kind = type.AsSpan().TrimEnd("0123456789_");
        var date = type.AsSpan(kind.Length);
        return date.Length - date.Count('_') == DateDigits && date[0] == '_' ? kind.ToString() : null;
    }
}
