using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>Devices as libllama takes them for one call: pointers, and a null behind them. An empty list means none, not any.</summary>
internal readonly unsafe struct DeviceList : IDisposable
{
    public DeviceList(IReadOnlyList<ComputeDevice> devices)
    {
        Pointer = (nint*)NativeMemory.AllocZeroed((nuint)devices.Count + 1, (nuint)sizeof(nint));
        for (var index = 0; index < devices.Count; index++) Pointer[index] = devices[index].Handle;
    }

    public nint* Pointer { get; }

    public void Dispose() => NativeMemory.Free(Pointer);
}
