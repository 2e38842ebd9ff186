using System.Text.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Json;

/// <summary>Reads objects by the table of their fields.</summary>
internal static class JsonObjects
{
    /// <summary>Reads the current object by a table; unknown fields are passed over, a known one that comes twice is an error.</summary>
    public static void Object<T>(this ref JsonCursor json, FieldTable<T> table, T target)
    {
        json.Expect(JsonTokenType.StartObject, "an object");
        var seen = 0UL;
        while (json.NextField())
        {
            if (table.Find(json.Name) is { } row) json.Field(row, target, ref seen);
            else json.Skip();
        }
    }

    /// <summary>Reads the field whose name is the current token.</summary>
    public static void Field<T>(this ref JsonCursor json, FieldTable<T>.Row row, T target, ref ulong seen)
    {
        json.Push(row.Name);
        if ((seen & row.Bit) != 0) throw json.Fail(DuplicateParameter, json.Path);
        seen |= row.Bit;
        json.Read();
        row.Read(ref json, target);
        json.Pop();
    }
}
