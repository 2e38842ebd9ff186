using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Samovar.Gateway.Faults;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>Where a block's picture or document is, as the API takes it: it knows few types of files, and looks into them.</summary>
internal static class Sources
{
    private const string Pdf = "application/pdf", Jpeg = "image/jpeg";
    private const int HeadLength = 16; // of base64: the first twelve bytes, by which the types are told apart

    /// <summary>What a file's bytes say counts before what the client calls them.</summary>
    public static void WriteImage(Utf8JsonWriter writer, string source)
    {
        if (Inline.Of(source) is not { } picture)
        {
            WriteUrl(writer, source);
            return;
        }
        var type = TypeIn(picture.Data) ?? (picture.Type is "image/jpg" or "image/pjpeg" ? Jpeg : picture.Type);
        WriteBase64(writer, type.Length > 0 ? type : throw CannotSend.Part("input_image"), picture.Data);
    }

    /// <summary>A document is a PDF or a text; what is neither goes as it came.</summary>
    /// <param name="source">An address, or what is in the file with its type.</param>
    /// <param name="isData">Whether it is what is in the file, though it may come without its type.</param>
    public static void WriteDocument(Utf8JsonWriter writer, string source, bool isData)
    {
        var file = Inline.Of(source) ?? (isData ? new Inline("", IsBase64: true, source) : null);
        if (file is null) WriteUrl(writer, source);
        else if (file.Type != Pdf && TypeIn(file.Data) != Pdf && file.Text() is { } text) WriteText(writer, text);
        else WriteBase64(writer, TypeIn(file.Data) == Pdf || file.Type.Length == 0 ? Pdf : file.Type, file.Data);
    }

    /// <summary>The type that a file's first bytes show; null for one that is not known here.</summary>
    private static string? TypeIn(string base64)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        if (base64.Length < HeadLength || !Convert.TryFromBase64Chars(base64.AsSpan(0, HeadLength), head, out var length)) return null;
        head = head[..length];
        return head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) ? "image/png"
            : head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Jpeg
            : head.StartsWith("GIF8"u8) ? "image/gif"
            : head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8) ? "image/webp"
            : head.StartsWith("%PDF"u8) ? Pdf : null;
    }

    private static void WriteUrl(Utf8JsonWriter writer, string url)
    {
        writer.WriteStartObject("source"u8);
        writer.WriteString("type"u8, "url"u8);
        writer.WriteString("url"u8, url);
        writer.WriteEndObject();
    }

    private static void WriteBase64(Utf8JsonWriter writer, string type, string data)
    {
        writer.WriteStartObject("source"u8);
        writer.WriteString("type"u8, "base64"u8);
        writer.WriteString("media_type"u8, type);
        writer.WriteString("data"u8, data);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject("source"u8);
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("media_type"u8, "text/plain"u8);
        writer.WriteString("data"u8, text);
        writer.WriteEndObject();
    }

    /// <summary>A file that is in the request itself.</summary>
    /// <param name="Type">As the client calls it, in small letters; empty where it does not.</param>
    private sealed record Inline(string Type, bool IsBase64, string Data)
    {
        private const string Scheme = "data:";

        /// <summary>Null for an address.</summary>
        public static Inline? Of(string url)
        {
            var comma = url.IndexOf(',', StringComparison.Ordinal);
            if (!url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || comma < 0) return null;
            var words = url[Scheme.Length..comma].Split(';', StringSplitOptions.TrimEntries);
            var isBase64 = words.Skip(1).Contains("base64", StringComparer.OrdinalIgnoreCase);
            return new Inline(words[0].ToLowerInvariant(), isBase64, url[(comma + 1)..]);
        }

        /// <summary>What it says; null where it is no text.</summary>
        public string? Text()
        {
            if (!IsBase64) return Uri.UnescapeDataString(Data);
            var bytes = new byte[(Data.Length / 4 * 3) + 3];
            if (!Convert.TryFromBase64String(Data, bytes, out var length)) return null;
            var said = bytes.AsSpan(0, length);
            var isNamedSo = Type.StartsWith("text/", StringComparison.Ordinal);
            if (Utf8.IsValid(said) && (isNamedSo || !said.Contains((byte)0))) return Encoding.UTF8.GetString(said);
            return isNamedSo ? Encoding.Latin1.GetString(said) : null; // older files
        }
    }
}
