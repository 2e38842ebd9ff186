using Samovar.Protocol.Items;

namespace Samovar.Protocol.Requests;

/// <summary>What a request says of its tools beside their form, for backends that do not know it.</summary>
public static class ToolHandlingReport
{
    /// <summary>What is said of any tool, as records name it.</summary>
    public static IEnumerable<string> NamesIn(CreateRequest request, ToolList tools)
    {
        List<ToolHandling> said = [.. ToolHandling.ByName(request.MessagesTools).Values, .. Of(tools.Tools)];
        return said.SelectMany(static one => one.Names).Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<ToolHandling> Of(IReadOnlyList<Tool> tools) => tools.SelectMany(static tool => tool switch
    {
        Tool.Function { Handling: { } said } => [said],
        Tool.Namespace group => Of(group.Tools),
        _ => [],
    });
}
