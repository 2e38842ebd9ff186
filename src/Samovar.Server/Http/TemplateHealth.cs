using System.Text.Json;
using Samovar.Backends;
using Samovar.Backends.Embedded;

namespace Samovar.Server.Http;

/// <summary>What health says of the embedded model's template: which is used, and where its own cannot be, the place and the construct
/// at fault.</summary>
internal sealed class TemplateHealth(IEnumerable<IBackend> backends)
{
    public void Write(Utf8JsonWriter json)
    {
        if (backends.OfType<EmbeddedBackend>().FirstOrDefault() is not { Model.TemplateUse: var use }) return;
        json.WriteStartObject("template"u8);
        json.WriteString("used"u8, use.Used);
        if (use.Fault is { } fault)
        {
            json.WriteString("fault"u8, fault.Reason);
            json.WriteNumber("line"u8, fault.Line);
            json.WriteNumber("column"u8, fault.Column);
            json.WriteString("construct"u8, fault.Construct);
        }
        json.WriteEndObject();
    }
}
