using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>What the text rests on, each once: some say all of it again with every piece, or in the whole message at the end.</summary>
internal sealed class ChatAnnotations(UpstreamCall call, ChatOutput output)
{
    private readonly HashSet<RawJson> _told = [];

    /// <param name="annotations">A list, or one.</param>
    public void Read(RawJson annotations, List<BackendEvent> events)
    {
        foreach (var annotation in annotations.ElementsOrSelf())
        {
            var flat = EventCheck.FitsInside(annotation) ? ChatAnnotation.Flat(annotation) : default;
            if (flat.IsEmpty) call.Drop(EventDrop.UnknownContent);
            else if (_told.Add(flat))
            {
                call.Gather(flat.Utf8.Length);
                output.Annotate(new BackendEvent.Annotation(flat), events);
            }
        }
    }
}
