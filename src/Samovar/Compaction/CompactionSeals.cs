using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>Seals what a compaction stands for, so that only its tenant's requests to a server with the key can open it.</summary>
/// <remarks>
/// A seal is base64 of: <c>SMV</c>, a version, the length of the key's name and the name, a nonce, a tag, and the window, compressed and
/// encrypted with AES-256-GCM. All before the nonce and the tenant's name are authenticated with it.
/// </remarks>
internal sealed class CompactionSeals(ISealKeys keys)
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = 5; // before the key's name
    private const int ShownChars = 8; // of a seal in an error: the mark, nothing of the content
    private const int OpenedBytesMax = 64 << 20;

    public string Seal(TenantId tenant, Window window)
    {
        var key = keys.Newest();
        var plain = Pack(window.ToBytes());
        var head = (byte[])[.. "SMV"u8, Version, (byte)key.Name.Length, .. Encoding.ASCII.GetBytes(key.Name)];
        var whole = new byte[head.Length + NonceBytes + TagBytes + plain.Length];
        head.CopyTo(whole, 0);
        var nonce = whole.AsSpan(head.Length, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key.Bytes, TagBytes);
        cipher.Encrypt(nonce, plain, whole.AsSpan(head.Length + NonceBytes + TagBytes),
            whole.AsSpan(head.Length + NonceBytes, TagBytes), Bound(head, tenant));
        return Convert.ToBase64String(whole);
    }

    /// <summary>Whether it was sealed with a key that is here; others may be able to open it, where it is not.</summary>
    public bool Knows(Item item) => item is CompactionItem { IsOfSamovar: true } compaction && Read(compaction).Keys.Count > 0;

    /// <summary>What a compaction stands for that was sealed with a key that is here.</summary>
    /// <exception cref="ApiException">It is another tenant's, or not as it was made.</exception>
    public Window Open(TenantId tenant, CompactionItem item, string? param)
    {
        var text = Read(item);
        if (text.Keys.Count == 0) throw Broken(item, "it was sealed with another key", param);
        foreach (var key in text.Keys)
            if (Decrypted(text, key, tenant) is { } plain && Opened(plain) is { } window) return window;
        throw Broken(item, "it is not as it was made here for this caller", param);
    }

    /// <summary>Takes a seal apart, as far as it is one; without keys where it is none.</summary>
    private SealedText Read(CompactionItem item)
    {
        var whole = new byte[item.EncryptedContent.Length / 4 * 3 + 3];
        if (!Convert.TryFromBase64String(item.EncryptedContent, whole, out var count)) return SealedText.None;
        whole = whole[..count];
        if (whole is not [_, _, _, Version, var length, ..] || whole.Length < HeadBytes + length + NonceBytes + TagBytes)
            return SealedText.None;
        if (Convert.ToBase64String(whole) != item.EncryptedContent) return SealedText.None; // other letters for the same bytes
        return new SealedText(whole, HeadBytes + length, keys.Find(Encoding.ASCII.GetString(whole, HeadBytes, length)));
    }

    private static byte[]? Decrypted(SealedText text, SealKey key, TenantId tenant)
    {
        var (whole, start, _) = text;
        var plain = new byte[whole.Length - start - NonceBytes - TagBytes];
        try
        {
            using var cipher = new AesGcm(key.Bytes, TagBytes);
            cipher.Decrypt(whole.AsSpan(start, NonceBytes), whole.AsSpan(start + NonceBytes + TagBytes),
                whole.AsSpan(start + NonceBytes, TagBytes), plain, Bound(whole[..start], tenant));
            return plain;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static Window? Opened(byte[] plain)
    {
        try { return Window.Of(Unpack(plain)); }
        catch (InvalidDataException) { return null; }
    }

    private static byte[] Bound(byte[] head, TenantId tenant) => [.. head, .. Encoding.UTF8.GetBytes(tenant.Value)];

    private static ApiException Broken(CompactionItem item, string reason, string? param) =>
        new(Errors.SealBroken, [item.EncryptedContent[..Math.Min(ShownChars, item.EncryptedContent.Length)], reason], param);

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest)) brotli.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] packed)
    {
        using var brotli = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (brotli.Read(buffer) is > 0 and var count)
        {
            if (bytes.Length + count > OpenedBytesMax) throw new InvalidDataException("It is too large.");
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }

    /// <param name="Start">Where the nonce begins.</param>
    /// <param name="Keys">Those that may have sealed it.</param>
    private sealed record SealedText(byte[] Whole, int Start, IReadOnlyList<SealKey> Keys)
    {
        public static readonly SealedText None = new([], 0, []);
    }
}
