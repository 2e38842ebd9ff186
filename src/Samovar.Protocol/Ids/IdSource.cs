using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Samovar.Protocol.Ids;

/// <summary>Makes names: unguessable here, seeded in a simulation.</summary>
public class IdSource
{
    private const int TimeBytes = 6, RandomBytes = 18, StoreBytes = 128 * RandomBytes;

    /// <summary>How long a name is: so many lower-case hexadecimal digits.</summary>
    internal const int Chars = 2 * (TimeBytes + RandomBytes);

    [ThreadStatic]
    private static Store? t_store;

    /// <summary>A UUID of version 7, which sorts by its time, and 8 random bytes behind it.</summary>
    public virtual string Next()
    {
        Span<byte> id = stackalloc byte[TimeBytes + RandomBytes];
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        time[(sizeof(long) - TimeBytes)..].CopyTo(id);
        (t_store ??= new Store()).Take(id[TimeBytes..]);
        id[6] = (byte)(0x70 | id[6] & 0x0F); // the version, and the variant
        id[8] = (byte)(0x80 | id[8] & 0x3F);
        return Convert.ToHexStringLower(id);
    }

    /// <summary>Random bytes of the operating system's, fetched many at a time: asking for each name's own costs more than all else of
    /// it.</summary>
    private sealed class Store
    {
        private readonly byte[] _bytes = new byte[StoreBytes];
        private int _used = StoreBytes;

        public void Take(Span<byte> bytes)
        {
            if (_used + bytes.Length > StoreBytes)
            {
                RandomNumberGenerator.Fill(_bytes);
                _used = 0;
            }
            var taken = _bytes.AsSpan(_used, bytes.Length);
            taken.CopyTo(bytes);
            taken.Clear(); // no name is made twice, and none can be read here
            _used += bytes.Length;
        }
    }
}
