using System.Text.Json;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Translation;

/// <summary>Reads the top of another protocol's request by a table.</summary>
internal static class ForeignFields
{
    /// <summary>Called on the value of a field that the table does not have; must pass over it.</summary>
    public delegate void UnknownField<in T>(ref JsonCursor json, string name, T target);

    /// <summary>Reads one whole JSON text. Broken JSON comes out as <see cref="JsonException"/>.</summary>
    public static void Read<T>(ref JsonCursor json, FieldTable<T> table, T target, UnknownField<T> unknown)
    {
        json.Read();
        json.Expect(JsonTokenType.StartObject, "an object");
        var max = json.Limits.FieldsMax;
        var seen = 0UL;
        for (var count = 0; json.NextField(); count++)
        {
            if (count == max) throw json.Fail(TooManyProperties, "the request", max);
            if (table.Find(json.Name) is { } row)
            {
                json.Field(row, target, ref seen);
                continue;
            }
            var name = json.Text;
            json.Push(name);
            json.Read();
            unknown(ref json, name, target);
            json.Pop();
        }
        json.ReadEnd();
    }
}
