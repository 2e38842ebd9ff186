using System.Text.Json;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>Checks <c>metadata</c> and keeps it whole.</summary>
internal static class MetadataReader
{
    public static RawJson Read(ref JsonCursor json)
    {
        if (json.IsNull) return default;
        json.Expect(JsonTokenType.StartObject, "an object");
        var limits = json.Limits;
        var start = json.Start;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (json.NextField())
        {
            if (keys.Count == limits.MetadataPairsMax) throw json.Fail(TooManyProperties, json.Path, limits.MetadataPairsMax);
            var key = json.Text;
            if (key.Length > limits.MetadataKeyCharsMax && JsonValues.CharsOf(key) is var chars && chars > limits.MetadataKeyCharsMax)
                throw json.Fail(PropertyNameTooLong, json.Path, limits.MetadataKeyCharsMax, chars);
            json.Push(key);
            if (!keys.Add(key)) throw json.Fail(DuplicateParameter, json.Path);
            json.Read();
            json.Text(limits.MetadataValueCharsMax);
            json.Pop();
        }
        return json.Since(start);
    }
}
