using System.Text;
using System.Text.Json;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Prefixes;

/// <summary>A request in a file, and how the prefix that it begins with is to be kept.</summary>
/// <param name="Body">The request, as it stands in the file.</param>
internal sealed record PrefixFile(byte[] Body)
{
    private const int BytesMax = 64 << 20;

    public string? Model { get; init; }
    public string? Keep { get; init; }
    public string? Name { get; init; }
    public bool? Store { get; init; }

    /// <exception cref="UsageException">It cannot be read, or is no JSON object.</exception>
    public static PrefixFile Read(string path)
    {
        byte[] body;
        try
        {
            if (new FileInfo(path).Length > BytesMax) throw new UsageException($"{path} has more than {BytesMax} bytes.");
            body = File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {fault.Message}");
        }
        if (body.AsSpan().StartsWith(Encoding.UTF8.Preamble)) body = body[Encoding.UTF8.Preamble.Length..];
        try
        {
            using var read = JsonDocument.Parse(body);
            if (read.RootElement.ValueKind == JsonValueKind.Object) return new PrefixFile(body);
        }
        catch (JsonException fault)
        {
            throw new UsageException($"{path} is no JSON: {fault.Message}");
        }
        throw new UsageException($"{path} must have a JSON object: the body of a request.");
    }

    /// <summary>What the server is sent.</summary>
    public byte[] Order()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("request"u8);
            json.WriteRawValue(Body, skipInputValidation: true); // it was read
            if (Model is not null) json.WriteString("model"u8, Model);
            if (Keep is not null) json.WriteString("keep"u8, Keep);
            if (Name is not null) json.WriteString("name"u8, Name);
            if (Store is { } store) json.WriteBoolean("store"u8, store);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
