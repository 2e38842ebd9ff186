namespace Samovar.Protocol.Items;

/// <summary>Types and fields of content parts that are not those of the public Responses API.</summary>
internal static class PartTypes
{
    /// <summary>A tool that a search for tools found, in the search's output.</summary>
    public const string ToolReference = "tool_reference";

    /// <summary>A field: what a document says to providers of the Messages API alone.</summary>
    public const string DocumentField = "messages_document";
}
