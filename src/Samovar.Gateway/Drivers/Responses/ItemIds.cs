using Samovar.Gateway.Tools;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>How ids of items begin, each kind in its way: strict providers refuse a turn that has another one.</summary>
internal static class ItemIds
{
    public static string New(string kind, IdSource ids) => ItemId.New((PrefixOf(kind) ?? "item") + "_", ids).Value;

    /// <summary>Whether a strict provider takes it for an item of this kind; of kinds not known here it is to say so itself.</summary>
    public static bool Fits(string kind, string id) =>
        PrefixOf(kind) is not { } prefix || (id.StartsWith(prefix, StringComparison.Ordinal) && FittingName.Is(id));

    /// <summary>Null for a kind that is not known.</summary>
    public static string? PrefixOf(string kind) => kind switch
    {
        "message" => "msg",
        "reasoning" => "rs",
        "function_call" or "function_call_output" => "fc", // an output's own is fco
        "custom_tool_call" or "custom_tool_call_output" => "ctc",
        "web_search_call" => "ws",
        "file_search_call" => "fs",
        "code_interpreter_call" => "ci",
        "image_generation_call" => "ig",
        "mcp_call" => "mcp",
        "mcp_list_tools" => "mcpl",
        _ => null,
    };
}
