using Samovar.Protocol.Json;
using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Asks a template which fields of a tool's schema it cannot do without: what clients leave out is given to it empty.</summary>
internal sealed class SchemaProbe(ChatTemplate template, TemplateFacts facts, ControlText control, TimeProvider time)
{
    /// <summary>A schema that lacks just one field.</summary>
    private static readonly (SchemaFields Lacking, string Schema)[] Sparse =
    [
        (SchemaFields.Description, Object("""{"type":"string"}""")),
        (SchemaFields.Type, Object("""{"description":"d","anyOf":[{"type":"string"},{"type":"null"}]}""")),
        (SchemaFields.Properties, Object("""{"type":"object","description":"d","required":[],"additionalProperties":{"type":"string"}}""")),
        (SchemaFields.Required, """{"type":"object","properties":{"p":{"type":"string","description":"d"}}}"""),
        (SchemaFields.AdditionalProperties, Object("""{"type":"object","description":"d","properties":{},"required":[]}""")),
        (SchemaFields.Items, Object("""{"type":"array","description":"d"}""")),
    ];

    public SchemaFields Ask()
    {
        if (!facts.Tools) return SchemaFields.None;
        var needed = SchemaFields.None;
        foreach (var (lacking, schema) in Sparse)
            if (!Renders(schema, needed) && Renders(schema, needed | lacking)) needed |= lacking;
        return needed;
    }

    private static string Object(string parameter) => $$"""{"type":"object","properties":{"p":{{parameter}}},"required":["p"]}""";

    private bool Renders(string schema, SchemaFields filled)
    {
        var tool = TemplateProbe.StandIn("look") with { Parameters = RawJson.Of(schema) };
        var renderer = new ChatRenderer(template, facts with { SchemaFields = filled }, control, time);
        var frame = new RenderFrame(ToolText.Values([tool], control), ThinkingOff: false, Effort: null, Generate: true);
        try
        {
            return renderer.Render([new PromptMessage(PromptRole.User, "a question")], frame, CancellationToken.None).Length > 0;
        }
        catch (TemplateException)
        {
            return false;
        }
    }
}
