namespace Samovar.Protocol.Fields;

/// <summary>The kinds of tools that somebody else runs than the client.</summary>
internal static class HostedTools
{
    /// <summary>A year, a month and a day.</summary>
    private const int DateDigits = 8;

    /// <summary>Kinds that a provider runs, or that it knows by themselves: carried, or left out and named in the record.</summary>
    public static readonly IReadOnlyList<string> Kinds =
    [
        "apply_patch", "code_execution", "code_interpreter", "collections_search", "computer", "computer_use_preview", "file_search",
        "image_generation", "local_shell", "mcp", "programmatic_tool_calling", "shell", "tool_search", "web_search",
        "web_search_preview", "x_search",
    ];

    /// <summary>What the error for a wrong kind lists.</summary>
    public static readonly string Known = "'function', 'custom', 'namespace', '" + string.Join("', '", Kinds) + "'";

    /// <summary>Whether a provider's tool is called so: by a name of its own, by one with a date, or as <c>provider:name</c>.</summary>
    public static bool Has(string type)
    {
        var bare = type.AsSpan().TrimEnd("0123456789_");
        var digits = type.AsSpan(bare.Length);
        var isDated = digits.Length - digits.Count('_') == DateDigits && digits[0] == '_';
        return Kinds.Contains(isDated ? bare.ToString() : type, StringComparer.Ordinal)
            || type.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < type.Length - 1;
    }
}
