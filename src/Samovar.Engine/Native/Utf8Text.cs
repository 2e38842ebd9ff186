using System.Runtime.InteropServices;
using System.Text;

namespace Samovar.Engine.Native;

/// <summary>A managed text as zero-terminated UTF-8 in native memory, for one call.</summary>
internal readonly unsafe struct Utf8Text : IDisposable
{
    public Utf8Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Pointer = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(Pointer, length));
        Pointer[length] = 0;
    }

    public byte* Pointer { get; }

    public void Dispose() => NativeMemory.Free(Pointer);
}
