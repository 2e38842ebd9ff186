using System.Text;
using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Json;

/// <summary>Reads one string as the reader does.</summary>
internal static class JsonReading
{
    public static string Text(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return JsonText.Read(ref reader);
    }
}
