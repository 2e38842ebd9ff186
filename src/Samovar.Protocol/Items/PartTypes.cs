namespace Samovar.Protocol.Items;

/// <summary>Types of content parts that are not those of the public Responses API.</summary>
internal static class PartTypes
{
    /// <summary>A tool that a search for tools found, in the search's output.</summary>
    public const string ToolReference = "tool_reference";
}
