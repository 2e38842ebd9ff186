using Samovar.Backends;
using Samovar.Backends.Embedded;

namespace Samovar.Server.Http;

/// <summary>The template of the one model that is loaded at start; models with names say theirs each.</summary>
internal sealed class TemplateHealth(IEnumerable<IBackend> backends)
{
    public TemplateStatus? Read() =>
        backends.OfType<EmbeddedBackend>().FirstOrDefault() is { Template: var reading } ? TemplateStatus.Of(reading) : null;
}
