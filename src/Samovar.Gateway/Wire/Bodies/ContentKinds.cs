using Samovar.Protocol.Items;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>How a content part is called on the wire.</summary>
internal static class ContentKinds
{
    public static string Name(ContentPart part) => part switch
    {
        ContentPart.Text => "input_text",
        ContentPart.Refusal => "refusal",
        ContentPart.Image => "input_image",
        ContentPart.File => "input_file",
        ContentPart.Other other => other.Kind,
        _ => "unknown",
    };
}
