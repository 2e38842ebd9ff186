using Samovar.Context;

namespace Samovar.Tools;

/// <summary>A tool that runs here, as the model may call it.</summary>
/// <param name="Server">Where it runs.</param>
/// <param name="Name">What its server calls it.</param>
/// <param name="NeedsApproval">Whether the user has to approve a call of it.</param>
/// <param name="Search">What it searches with, where it is <c>web_search</c>.</param>
internal sealed record ServedTool(McpTool Server, string Name, bool NeedsApproval, SearchTool? Search = null)
{
    /// <summary>The name that it has to a backend.</summary>
    public string CallName => Search is null ? ServedCall.NameOf(Server.Label, Name) : ServedCall.SearchName;

    /// <summary>Its namespace there.</summary>
    public string? Namespace => Search is null ? Server.Label : null;

    /// <summary>The name that it has to a model.</summary>
    public string FlatName => Search is null ? ServedCall.FlatNameOf(Server.Label, Name) : ServedCall.SearchName;
}
