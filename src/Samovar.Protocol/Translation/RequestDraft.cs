using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Translation;

/// <summary>What was read so far of a request of another protocol: its items, and its settings under a create request's names.</summary>
internal sealed class RequestDraft
{
    private readonly List<Item> _items = [];
    private readonly List<ItemPlace> _places = [];
    private readonly List<(string Name, RawJson Value)> _settings = [];

    public int ItemsCount => _items.Count;

    /// <summary>What the client wrote before its system prompt for its provider alone.</summary>
    public VolatileMark? Mark { get; set; }

    public void Add(ref JsonCursor json, Item item, ItemPlace place)
    {
        if (_items.Count == json.Limits.InputItemsMax) throw json.Fail(ArrayTooLong, "messages", json.Limits.InputItemsMax);
        _items.Add(item);
        _places.Add(place);
    }

    /// <summary>Puts the items of another draft before these.</summary>
    public void Precede(RequestDraft start)
    {
        _items.InsertRange(0, start._items);
        _places.InsertRange(0, start._places);
    }

    /// <summary>A field of the create request; its value is checked when all are there.</summary>
    public void Set(string field, RawJson value) => _settings.Add((field, value));

    public bool Has(string field) => _settings.Exists(setting => setting.Name == field);

    /// <summary>A field that has another value here than in a create request where the client says nothing of it, or null.</summary>
    public void SetUnlessSaid(string field, RawJson value)
    {
        _settings.RemoveAll(setting => setting.Name == field && setting.Value.IsNull);
        if (!Has(field)) Set(field, value);
    }

    /// <summary>The create request.</summary>
    /// <param name="words">The client's names of the settings, for errors.</param>
    /// <param name="limits">Bounds of its settings.</param>
    /// <param name="bytes">Of the whole request.</param>
    /// <param name="outputTokensMin">The shortest answer that may be asked for.</param>
    /// <exception cref="ApiException">A setting has a value that is not allowed.</exception>
    public (CreateRequest Request, PlaceNames Places) Build(
        ApiWords words, ProtocolLimits limits, int bytes, int outputTokensMin = 1)
    {
        var places = new PlaceNames(_places, words);
        try
        {
            // other protocols know shorter answers than this one
            var request = CreateRequestReader.ReadSettings(Settings(), limits with { OutputTokensMin = outputTokensMin });
            return (request with { Input = _items, HasInput = true, Mark = Mark, Bytes = bytes, ContinuesAnswer = EndsInAnswer }, places);
        }
        catch (ApiException error)
        {
            throw places.Explain(error);
        }
    }

    private bool EndsInAnswer => _items is [.., MessageItem { Role: Role.Assistant } last]
        && last.Content.Any(part => part is ContentPart.Text { Value.Length: > 0 });

    private byte[] Settings() => JsonBuffer.Bytes(_settings, static (writer, settings) =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in settings)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
        writer.WriteEndObject();
    });
}
