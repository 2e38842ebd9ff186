using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Destinations;

/// <summary>The names of models that an upstream lists, as far as clients may read them.</summary>
/// <param name="AskedAt">When it answered; null where it has not.</param>
internal sealed record ModelList(IReadOnlyList<string> Names, long? AskedAt)
{
    private const int NameCharsMax = 256;
    public static readonly ModelList Unknown = new([], null);

    /// <summary>Reads the answer to <c>GET /models</c> of any of the protocols.</summary>
    public static IReadOnlyList<string> Read(RawJson answer, int namesMax)
    {
        var list = answer.IsArray ? answer : answer.Field("data"u8);
        return [.. list.Elements().Select(static model => model.Text("id"u8)).OfType<string>().Where(IsForClients)
            .Distinct(StringComparer.Ordinal).Take(namesMax)];
    }

    /// <remarks>
    /// Not shown: the path of a model file, as engines call a model that was given no name, for it tells of the machine; a fine-tuned
    /// model, whose name holds its organization's.
    /// </remarks>
    private static bool IsForClients(string name) =>
        name is { Length: > 0 and <= NameCharsMax } and not ['/' or '.' or '~', ..] and not [_, ':', '\\' or '/', ..]
        && !name.Contains('\\', StringComparison.Ordinal) && !name.Any(char.IsControl)
        && !name.StartsWith("ft:", StringComparison.OrdinalIgnoreCase);
}
