namespace Samovar.Protocol.Items;

/// <summary>Items of tools that run at the server: what they say is read where it is needed, the item is kept as it is.</summary>
public static class ServerItems
{
    public const string ListTools = "mcp_list_tools";
    public const string Call = "mcp_call";
    public const string ApprovalRequest = "mcp_approval_request";
    public const string ApprovalResponse = "mcp_approval_response";
    public const string WebSearch = "web_search_call";

    /// <summary>Whether it is one of them.</summary>
    public static bool Is(Item item) => item is OtherCallItem or UnknownItem
        && item.Type is Call or ListTools or ApprovalRequest or ApprovalResponse or WebSearch;

    /// <summary>Whether one of them is.</summary>
    public static bool AreIn(IReadOnlyList<Item> items)
    {
        for (var i = 0; i < items.Count; i++)
            if (Is(items[i])) return true;
        return false;
    }
}
