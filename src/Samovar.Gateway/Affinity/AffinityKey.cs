using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Affinity;

/// <summary>By what a conversation is known again. The numbers stand in files.</summary>
internal enum AffinityKind
{
    /// <summary>The id of a response that is continued.</summary>
    Response = 1,

    /// <summary>What the client's headers call this conversation.</summary>
    Thread = 2,

    /// <summary>What the client's headers call the whole run, sub-agents included.</summary>
    Session = 3,

    /// <summary>How the conversation begins.</summary>
    Content = 4,

    /// <summary>Something that only its maker can open, and that a client sends back.</summary>
    Sealed = 5,
}

/// <summary>
/// A name of a conversation as a digest over its tenant, its kind and the name itself: nobody reads the name out of it, and without the
/// tenant it cannot be made.
/// </summary>
internal readonly record struct AffinityKey(UInt128 Digest)
{
    private const int HeadChars = 128, ShortBytes = 1024;

    public static AffinityKey Of(TenantId tenant, AffinityKind kind, string value)
    {
        // the tenant's length precedes it, so that no two pairs read the same
        var head = string.Create(
            CultureInfo.InvariantCulture, stackalloc char[HeadChars], $"{(int)kind}:{tenant.Value.Length}:{tenant.Value}");
        var bytesMax = Encoding.UTF8.GetMaxByteCount(head.Length + value.Length);
        var text = bytesMax <= ShortBytes ? stackalloc byte[ShortBytes] : new byte[bytesMax];
        var length = Encoding.UTF8.GetBytes(head, text);
        length += Encoding.UTF8.GetBytes(value, text[length..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], digest);
        return new AffinityKey(BinaryPrimitives.ReadUInt128BigEndian(digest));
    }
}
