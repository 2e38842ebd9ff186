#pragma warning disable RS0030 // the operator's own file: half of a surrogate pair in it is a fault of the file
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Settings;

/// <summary>Finds the place of what is wrong with settings that are JSON, but no settings.</summary>
internal static class SettingsText
{
    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Place and fault; null where the file cannot be read again or nothing is found.</summary>
    public static string? FaultOf(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length == 0) return null; // a pipe has no length, and can be read once
            return FaultOf(Encoding.UTF8.GetBytes(File.ReadAllText(path)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? FaultOf(byte[] json)
    {
        var reader = new Utf8JsonReader(json, Lenient);
        if (!reader.Read()) return null;
        if (reader.TokenType != JsonTokenType.StartObject)
            return $"{Place(json, reader.TokenStartIndex)}: settings are an object, in braces, not " +
                (reader.TokenType == JsonTokenType.StartArray ? "a list." : "a single value.");
        return FirstTwice(reader) is var (key, at) ? $"{Place(json, at)}: '{key}' is here for the second time." : null;
    }

    /// <summary>The first value that has the key of an earlier one, and where its name begins.</summary>
    private static (string Key, long At)? FirstTwice(Utf8JsonReader reader)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var parents = new Stack<Level>([new Level("", isList: false)]);
        while (reader.Read())
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    parents.Peek().Name = (reader.GetString()!, reader.TokenStartIndex);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    parents.Push(new Level(parents.Peek().Next(), reader.TokenType == JsonTokenType.StartArray));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    parents.Pop();
                    break;
                default:
                    var parent = parents.Peek();
                    if (parent.Next() is var key && !seen.Add(key)) return (key, parent.Name.At);
                    break;
            }
        return null;
    }

    private static string Place(ReadOnlySpan<byte> json, long at)
    {
        var before = json[..(int)at];
        return string.Create(CultureInfo.InvariantCulture,
            $"line {before.Count((byte)'\n') + 1}, column {before.Length - before.LastIndexOf((byte)'\n')}");
    }

    /// <summary>An object or a list that is open.</summary>
    private sealed class Level(string path, bool isList)
    {
        private int _count;

        /// <summary>The name that was read last, and where it begins.</summary>
        public (string Text, long At) Name { get; set; }

        /// <summary>The key of the value that comes.</summary>
        public string Next()
        {
            var name = isList ? (_count++).ToString(CultureInfo.InvariantCulture) : Name.Text;
            return path.Length == 0 ? name : ConfigurationPath.Combine(path, name);
        }
    }
}
