using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>ggml: backends, their devices and the CPU threadpool, whose functions live in the chosen CPU library.</summary>
internal static unsafe partial class GgmlCalls
{
    private const int CpuDevice = 0;
    private const int PollOffset = 512 + 2 * sizeof(int);

    [LibraryImport(LibraryNames.Ggml)] private static partial nint ggml_backend_load(byte* file);
    [LibraryImport(LibraryNames.Ggml)] private static partial nuint ggml_backend_dev_count();
    [LibraryImport(LibraryNames.Ggml)] private static partial nint ggml_backend_dev_get(nuint index);
    [LibraryImport(LibraryNames.Ggml)] private static partial nint ggml_backend_dev_by_type(int type);
    [LibraryImport(LibraryNames.GgmlCore)] private static partial nint ggml_backend_dev_backend_reg(nint device);
    [LibraryImport(LibraryNames.GgmlCore)] private static partial int ggml_backend_dev_type(nint device);
    [LibraryImport(LibraryNames.GgmlCore)] private static partial byte* ggml_backend_dev_name(nint device);
    [LibraryImport(LibraryNames.GgmlCore)] private static partial byte* ggml_backend_dev_description(nint device);
    [LibraryImport(LibraryNames.GgmlCore)] private static partial void ggml_backend_dev_memory(nint device, nuint* free, nuint* total);
    [LibraryImport(LibraryNames.GgmlCore)] private static partial byte* ggml_backend_reg_name(nint registry);
    [LibraryImport(LibraryNames.GgmlCore)] private static partial nint ggml_backend_reg_get_proc_address(nint registry, byte* name);
    [LibraryImport(LibraryNames.GgmlCore)] private static partial void ggml_threadpool_params_init(byte* parameters, int threads);

    /// <summary>Makes the devices of one backend library known; false where ggml does not take it.</summary>
    public static bool Load(string file)
    {
        using var path = new Utf8Text(file);
        return ggml_backend_load(path.Pointer) != 0;
    }

    /// <summary>Every device that is known by now.</summary>
    public static IReadOnlyList<ComputeDevice> Devices() =>
        [.. Enumerable.Range(0, (int)ggml_backend_dev_count()).Select(index => DeviceOf(ggml_backend_dev_get((nuint)index)))];

    private static ComputeDevice DeviceOf(nint device)
    {
        nuint free = 0, total = 0;
        ggml_backend_dev_memory(device, &free, &total);
        return new ComputeDevice(
            device, (DeviceType)ggml_backend_dev_type(device), Text(ggml_backend_reg_name(ggml_backend_dev_backend_reg(device))),
            Text(ggml_backend_dev_name(device)), Text(ggml_backend_dev_description(device)), (long)free, (long)total);
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>Whether a CPU backend was found.</summary>
    public static bool HasCpu => ggml_backend_dev_by_type(CpuDevice) != 0;

    /// <summary>A pool of threads that outlives a decode; 0 where the library has none.</summary>
    public static nint NewThreadPool(int threads)
    {
        var create = CpuFunction("ggml_threadpool_new"u8);
        if (create == 0) return 0;
        var parameters = stackalloc byte[1024]; // ggml_threadpool_params: 512 flags and five small fields
        ggml_threadpool_params_init(parameters, threads);
        *(uint*)(parameters + PollOffset) = 0; // between decodes the threads sleep: the cores are free for other work
        return ((delegate* unmanaged[Cdecl]<byte*, nint>)create)(parameters);
    }

    /// <summary>Ends a pool's threads.</summary>
    public static void FreeThreadPool(nint pool)
    {
        var free = CpuFunction("ggml_threadpool_free"u8);
        if (pool != 0 && free != 0) ((delegate* unmanaged[Cdecl]<nint, void>)free)(pool);
    }

    private static nint CpuFunction(ReadOnlySpan<byte> name)
    {
        var device = ggml_backend_dev_by_type(CpuDevice);
        if (device == 0) return 0;
        fixed (byte* text = name) // u8 literals end in a zero
            return ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(device), text);
    }
}
