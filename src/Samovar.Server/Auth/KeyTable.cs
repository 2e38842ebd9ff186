#pragma warning disable RS0030 // the operator's own file: half of a surrogate pair in it is a fault of the file
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Auth;

/// <summary>The keys of all tenants, as hashes. Immutable: a changed file makes a new table.</summary>
internal sealed class KeyTable
{
    private const string HashPrefix = "sha256:";
    private readonly Dictionary<KeyHash, Caller> _callers;

    private KeyTable(Dictionary<KeyHash, Caller> callers, QuotaList quotas) => (_callers, Quotas) = (callers, quotas);

    /// <summary>SHA-256 of a key.</summary>
    private readonly record struct KeyHash(ulong First, ulong Second, ulong Third, ulong Fourth);

    public int Count => _callers.Count;

    /// <summary>What tenants may use.</summary>
    public QuotaList Quotas { get; }

    /// <summary>Whose key this is, or null. Takes the same time however many there are; what is compared are hashes, which nobody can
    /// choose, so that the time tells nothing of a key.</summary>
    public Caller? Find(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return Find(hash);
    }

    /// <summary>As above, by the key's hash.</summary>
    public Caller? Find(ReadOnlySpan<byte> hash) =>
        hash.Length == SHA256.HashSizeInBytes ? _callers.GetValueOrDefault(MemoryMarshal.Read<KeyHash>(hash)) : null;

    /// <summary>Reads <c>{"tenants":{"name":["key", …]},"operators":["name"],"quotas":{…}}</c>. A key may stand as <c>sha256:</c> and the
    /// hex of its hash.</summary>
    /// <exception cref="FormatException">The file does not have this shape; the message says where.</exception>
    public static KeyTable Read(ReadOnlyMemory<byte> utf8, int keysMax)
    {
        using var document = Parse(utf8);
        try { return Read(document, keysMax); }
        catch (InvalidOperationException exception)
        {
            throw new FormatException("a string in it is not text: " + exception.Message, exception);
        }
    }

    private static KeyTable Read(JsonDocument document, int keysMax)
    {
        var callers = new Dictionary<KeyHash, Caller>();
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("tenants"u8, out var tenants) || tenants.ValueKind != JsonValueKind.Object)
            throw new FormatException("it must be an object with a property 'tenants' that maps each tenant to an array of keys");
        var operators = Operators(document.RootElement, tenants);
        foreach (var tenant in tenants.EnumerateObject())
        {
            if (tenant.Name.Length is 0 or > 128) throw new FormatException("a tenant's name must have 1 to 128 characters");
            if (tenant.Value.ValueKind != JsonValueKind.Array) throw new FormatException($"tenants.{tenant.Name} must be an array of keys");
            var caller = new Caller(new TenantId(tenant.Name), operators.Contains(tenant.Name));
            foreach (var key in tenant.Value.EnumerateArray())
                if (!callers.TryAdd(MemoryMarshal.Read<KeyHash>(HashOf(key, tenant.Name)), caller))
                    throw new FormatException("a key stands in it twice");
        }
        if (callers.Count == 0) throw new FormatException("it holds no key");
        if (callers.Count > keysMax) throw new FormatException($"it holds {callers.Count} keys, more than Auth:KeysMax ({keysMax})");
        return new KeyTable(callers, QuotaList.Read(document.RootElement, tenants));
    }

    private static HashSet<string> Operators(JsonElement root, JsonElement tenants)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!root.TryGetProperty("operators"u8, out var operators)) return names;
        if (operators.ValueKind != JsonValueKind.Array) throw new FormatException("operators must be an array of tenants' names");
        foreach (var name in operators.EnumerateArray())
            if (name.ValueKind == JsonValueKind.String && tenants.TryGetProperty(name.GetString()!, out _)) names.Add(name.GetString()!);
            else throw new FormatException($"operators names {name.GetRawText()}, which is not a tenant");
        return names;
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble)) utf8 = utf8[Encoding.UTF8.Preamble.Length..]; // as Windows' editors write it
        try { return JsonDocument.Parse(utf8, options); }
        catch (JsonException exception)
        {
            throw new FormatException(
                $"it is not JSON at line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}", exception);
        }
    }

    private static byte[] HashOf(JsonElement key, string tenant)
    {
        if (key.ValueKind != JsonValueKind.String || key.GetString() is not { Length: > 0 } text)
            throw new FormatException($"tenants.{tenant} must hold strings");
        if (text.Length != text.Trim().Length) // clients send none, and it is in no header's value
            throw new FormatException($"tenants.{tenant} holds a key with white space before or behind it, which no request can show");
        if (!text.StartsWith(HashPrefix, StringComparison.Ordinal)) return SHA256.HashData(Encoding.UTF8.GetBytes(text));
        var hex = text[HashPrefix.Length..];
        if (hex.Length != 2 * SHA256.HashSizeInBytes || !hex.All(char.IsAsciiHexDigit))
            throw new FormatException($"tenants.{tenant} holds 'sha256:' without 64 hex digits behind it");
        return Convert.FromHexString(hex);
    }
}
