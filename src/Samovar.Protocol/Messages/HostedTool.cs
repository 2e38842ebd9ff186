namespace Samovar.Protocol.Messages;

/// <summary>Tools that providers of the Messages API know by a version: <c>web_search_20250305</c>, <c>bash_20250124</c>.</summary>
internal static class HostedTool
{
    private const int DateDigits = 8;

    /// <summary>Whether a type is one of the Messages API's, with its date behind its name.</summary>
    public static bool Is(string type) => type == "mcp_toolset"
        || (type.Length > DateDigits + 1 && type[^(DateDigits + 1)] == '_' && type[^DateDigits..].All(char.IsAsciiDigit));
}
