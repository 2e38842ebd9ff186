using System.Text;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Stores;

namespace Samovar.Chains.Packing;

/// <summary>What a response echoes of its request.</summary>
internal readonly record struct StoredEcho(CreateRequest Settings, string? Instructions, ToolList Tools);

/// <summary>
/// A response's settings as bytes: nothing where they are its parent's, else what differs; tools and instructions that are large as
/// pieces. What is the parent's when it is stored is the parent's own object when it is read.
/// </summary>
internal static class SettingsPacking
{
    private enum Part : byte { None, Parents, Here, Piece }

    public static void Write(PackWriter to, StoredPieces pieces, Response response, Response? parent)
    {
        var settings = response.Request;
        var isParents = parent is not null && settings.HasSettingsOf(parent.Request);
        to.Flag(isParents);
        if (!isParents)
        {
            WritePart(to, pieces, StoredSettings.Write(settings));
            WriteTools(to, pieces, settings.Tools, parent);
            WriteText(to, pieces, settings.Instructions, parent);
        }
        var isEchoed = response.Instructions == settings.Instructions && response.Tools.Json == (settings.Tools ?? ToolList.Empty).Json;
        to.Flag(isEchoed);
        if (isEchoed) return;
        WriteTools(to, pieces, response.Tools, parent);
        WriteText(to, pieces, response.Instructions, parent);
    }

    /// <summary>Whether all of them are the parent's. Reads nothing on.</summary>
    public static bool AreParents(PackReader from) => from.Flag();

    /// <param name="parent">Null also where it is not known, and its tools and instructions, where they are repeated, are left out.</param>
    public static StoredEcho Read(ref PackReader from, IReadOnlyList<ContentPiece> pieces, Response? parent)
    {
        var settings = from.Flag() ? parent?.Request ?? throw new InvalidDataException("its parent is missing")
            : ReadOwn(ref from, pieces, parent);
        if (from.Flag()) return new(settings, settings.Instructions, settings.Tools ?? ToolList.Empty);
        var tools = ReadTools(ref from, pieces, parent);
        return new(settings, ReadText(ref from, pieces, parent), tools ?? ToolList.Empty);
    }

    private static CreateRequest ReadOwn(ref PackReader from, IReadOnlyList<ContentPiece> pieces, Response? parent)
    {
        var json = ReadPart(ref from, pieces) ?? throw new InvalidDataException("its settings are missing");
        var tools = ReadTools(ref from, pieces, parent);
        return StoredSettings.Read(json, ReadText(ref from, pieces, parent), tools);
    }

    private static void WriteTools(PackWriter to, StoredPieces pieces, ToolList? tools, Response? parent)
    {
        if (tools is null) to.Byte((byte)Part.None);
        else if (parent is not null && tools.Json == parent.Tools.Json) to.Byte((byte)Part.Parents);
        else WritePart(to, pieces, tools.Json.Utf8.Span);
    }

    private static ToolList? ReadTools(ref PackReader from, IReadOnlyList<ContentPiece> pieces, Response? parent)
    {
        if (IsParents(ref from)) return parent?.Tools;
        return ReadPart(ref from, pieces) is { } json ? StoredSettings.ReadTools(json) : null;
    }

    private static void WriteText(PackWriter to, StoredPieces pieces, string? text, Response? parent)
    {
        if (text is null) to.Byte((byte)Part.None);
        else if (parent is not null && text == parent.Instructions) to.Byte((byte)Part.Parents);
        else WritePart(to, pieces, Encoding.UTF8.GetBytes(text));
    }

    private static string? ReadText(ref PackReader from, IReadOnlyList<ContentPiece> pieces, Response? parent)
    {
        if (IsParents(ref from)) return parent?.Instructions;
        return ReadPart(ref from, pieces) is { } utf8 ? Encoding.UTF8.GetString(utf8) : null;
    }

    private static bool IsParents(ref PackReader from)
    {
        if (from.Remaining is not [(byte)Part.Parents, ..]) return false;
        from.Byte();
        return true;
    }

    private static void WritePart(PackWriter to, StoredPieces pieces, ReadOnlySpan<byte> part)
    {
        if (part.Length < StoredPieces.BytesMin)
        {
            to.Byte((byte)Part.Here);
            to.Bytes(part);
            return;
        }
        to.Byte((byte)Part.Piece);
        to.Number(pieces.Add(part));
    }

    private static byte[]? ReadPart(ref PackReader from, IReadOnlyList<ContentPiece> pieces) => (Part)from.Byte() switch
    {
        Part.None => null,
        Part.Here => from.Bytes().ToArray(),
        Part.Piece => StoredPieces.Read(pieces, from.Count()),
        _ => throw new InvalidDataException("an unknown kind of part"),
    };
}
